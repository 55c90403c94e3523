"""The bundled sample portfolio, in the form of a CRM export."""
