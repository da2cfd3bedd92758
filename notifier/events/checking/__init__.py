"""What is wrong with an operator's templates and catalogues, found before any mail is composed with them."""
