"""Support bot.

It asked gpt-4 in 2023 and claude-3-opus-20240229 in 2024.

    client.messages.create(model="claude-3-5-sonnet-20241022")
"""
