"""The machine of a flow: `advance(plan, status, event, values)`; nothing here waits, chooses by
chance or knows the time. ARCHITECTURE, "Flows", has the protocol around it.
"""
