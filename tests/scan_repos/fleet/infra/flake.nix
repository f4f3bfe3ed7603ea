# model = "gpt-4";
{ model = "claude-opus-5-5"; } # finds anthropic/claude-opus-5-5
