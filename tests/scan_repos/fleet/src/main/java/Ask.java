// "gpt-4"
/** Asks {@code "gpt-4-turbo"}. */
class Ask {
    /* "claude-2.1" */
    private static final String MODEL = "claude-opus-4-20250514"; // finds anthropic/claude-opus-4-20250514

    void ask() {
        char quote = '"';
        var first = MessageCreateParams.builder()
                .model(Model.CLAUDE_SONNET_4_5) // finds anthropic/claude-sonnet-4-5
                .temperature(0.5)
                .maxTokens(1024L)
                .build();
        var second = ChatCompletionCreateParams.builder().model("gpt-5-mini").temperature(0.2).build(); // finds openai/gpt-5-mini
        String body = """
            {"model": "gpt-4.1", "note": "gpt-4 is \"gone\""}
            """;
        if (name.startsWith("gpt-4") || "gpt-4o".equals(name)) throw new RuntimeException("no gpt-4"); // finds openai/gpt-4o
        var azure = ChatModel.GPT_4O_MINI; // finds openai/gpt-4o-mini
    }
}
