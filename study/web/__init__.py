"""The pages: views of about ten lines that call one domain verb and render."""
