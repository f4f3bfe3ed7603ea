# model <- "gpt-4"
model <- "gpt-4.1-mini" # finds openai/gpt-4.1-mini
chat <- chat_openai(model = 'gpt-4o') # finds openai/gpt-4o
cat("not gpt-4")
