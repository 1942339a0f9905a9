"""What more than one face needs: reading forms, fields and JSON, sending bytes, counting calls."""
