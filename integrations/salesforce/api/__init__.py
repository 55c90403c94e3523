"""Calls to a Salesforce org: login, session, SOQL, bulk jobs, and the meaning of each error code."""
