"""The bundled sample portfolio, made as a CRM exports it."""
