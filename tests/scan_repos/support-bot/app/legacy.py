# Python 2, still deployed. model = "gpt-4-32k"
"""Talks to "text-davinci-003"."""
print "asking"
MODEL = "gpt-3.5-turbo-instruct"  # finds openai/gpt-3.5-turbo-instruct
def ask():
    """Ask "code-davinci-002"."""
    return MODEL
