//! Asks "gpt-4".
/// let model = "gpt-4-turbo";
/* outer /* inner "gpt-4" */ still "gpt-4-turbo" */
const MODEL: &str = "claude-haiku-5-5"; // finds anthropic/claude-haiku-5-5
fn lifetime<'a>(x: &'a str) -> &'a str { x }
fn main() {
    let raw = r#"{"model": "gpt-5.2-pro", "x": "it's"}"#; // finds openai/gpt-5.2-pro
    let request = CreateChatCompletionRequestArgs::default()
        .model("gpt-5.6-luna") // finds openai/gpt-5.6-luna
        .temperature(0.1)
        .max_tokens(512u32)
        .build();
    println!("not gpt-4 but {}", raw);
    match model.as_str() { "gpt-6-luna" => 1, _ => 0 }; // finds openai/gpt-6-luna
}
