// Package main asks "gpt-4".
package main

/*
const Old = "gpt-4-turbo"
*/

const DefaultModel string = "claude-opus-4-1-20250805" // finds anthropic/claude-opus-4-1-20250805

var models = map[string]string{
	"fast":   "gemini-2.0-flash-lite", // finds gemini/gemini-2.0-flash-lite
	"gpt-4o": "price",                 // finds openai/gpt-4o
}

type Config struct {
	Model string `env:"MODEL" envDefault:"o4-mini"` // finds openai/o4-mini
}

func ask(ctx context.Context, client anthropic.Client) {
	body := `{"model": "gpt-4o-2024-08-06", "stream": true}` // finds openai/gpt-4o-2024-08-06
	if strings.HasPrefix(body, "gpt-4") {
		panic("gpt-4 is \"gone\"")
	}
	quote := '"'
	client.Messages.New(ctx, anthropic.MessageNewParams{
		Model:       anthropic.ModelClaudeSonnet4_5_20250929, // finds anthropic/claude-sonnet-4-5-20250929
		MaxTokens:   1024,
		Temperature: anthropic.Float(0.5),
	})
	openai.Ask(openai.F("gpt-4.1-nano"), quote) // finds openai/gpt-4.1-nano
	log.Printf("not gpt-4 but %s", "claude-mythos-preview") // finds anthropic/claude-mythos-preview
}
