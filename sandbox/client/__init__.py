"""The asyncio side: starts fork servers, gives them cells, reads what cells write."""
