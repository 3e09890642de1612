"""The pages and the navigation between them."""
