-- model = "gpt-4"
{- model = "gpt-4-turbo" {- "gpt-4" -} "gpt-4" -}
model = "command-r-plus" -- finds cohere/command-r-plus
