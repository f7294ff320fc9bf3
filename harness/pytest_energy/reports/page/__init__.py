"""What the HTML page is made of: charts and tables as data; template, style and script beside them."""
