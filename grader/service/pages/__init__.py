"""The pages, one noun each."""
