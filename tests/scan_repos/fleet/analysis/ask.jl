# model = "gpt-4"
#= model = "gpt-4-turbo" =#
"""
Asks "gpt-4".
"""
ask(; model = "claude-sonnet-5-5") = 1 # finds anthropic/claude-sonnet-5-5
