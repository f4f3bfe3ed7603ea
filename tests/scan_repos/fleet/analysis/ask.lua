-- model = "gpt-4"
--[[ model = "gpt-4-turbo" ]]
local model = "deepseek-chat" -- finds deepseek/deepseek-chat
local body = [[{"model": "gpt-4-turbo"}]] -- finds openai/gpt-4-turbo
