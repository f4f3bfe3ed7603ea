// val model = "gpt-4"
/* outer /* "gpt-4" */ "gpt-4-turbo" */
const val MODEL: String = "gemini-2.5-pro" // finds gemini/gemini-2.5-pro

/** KDoc: `model = "gpt-4"` */
class Ask(private val model: String = "claude-sonnet-4-6") { // finds anthropic/claude-sonnet-4-6
    fun ask(name: String) = when (name) {
        "gpt-5.3-codex" -> 1 // finds openai/gpt-5.3-codex
        else -> 2
    }
    val text = "not gpt-4 but ${model}"
    val params = Params.builder()
        .model("claude-opus-4-6") // finds anthropic/claude-opus-4-6
        .topP(0.9)
        .build()
    val other = Params.builder().topK(5).build()
}
