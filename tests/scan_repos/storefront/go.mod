module example.com/storefront

go 1.24

require (
	github.com/anthropics/anthropic-sdk-go v1.19.0 // indirect
	github.com/openai/openai-go/v3 v3.8.1
	google.golang.org/genai v1.37.0
)
