"""Calls to a Salesforce org: login, session, SOQL, bulk jobs, and what each error code means."""
