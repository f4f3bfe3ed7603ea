# One gateway for everything; it used meta-llama/llama-3.1-8b-instruct first.
import httpx

BASE = "https://openrouter.ai/api/v1"
ROUTES = {
    "cheap": "openai/gpt-4.1-nano",  # finds openrouter/openai/gpt-4.1-nano
    "smart": "anthropic/claude-opus-4.1",  # finds openrouter/anthropic/claude-opus-4.1
    "free": "meta-llama/llama-3.3-70b-instruct:free",  # finds openrouter/meta-llama/llama-3.3-70b-instruct
    "long": "google/gemini-2.5-pro",  # finds openrouter/google/gemini-2.5-pro
}


def ask(prompt: str, route: str = "cheap") -> str:
    return httpx.post(f"{BASE}/chat/completions", json={"model": ROUTES[route], "temperature": 0, "messages": [prompt]}).text
