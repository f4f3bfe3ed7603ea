#!/usr/bin/env bash
# ask.sh --model gpt-4-0125-preview
set -euo pipefail
MODEL="${MODEL:-claude-sonnet-5}" # finds anthropic/claude-sonnet-5
export JUDGE=gpt-5.2 # finds openai/gpt-5.2
curl -s https://api.openai.com/v1/chat/completions -d '{"model": "gpt-5.6-terra", "messages": []}' # finds openai/gpt-5.6-terra
curl -s "https://bedrock-runtime.us-west-2.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1:0/invoke" # finds bedrock/anthropic.claude-3-haiku-20240307-v1:0
cat <<JSON | curl -d @- "$URL"
{"model": "gpt-5.6-sol", "note": "better than gpt-4"}
JSON
echo "it's not gpt-4 any more"
