// let model = "gpt-4"
/* "gpt-4-turbo" /* "gpt-4" */ */
let model: String = "gpt-5-nano" // finds openai/gpt-5-nano
let text = """
    It's not gpt-4, "gpt-4-turbo" or \(model).
    """
let raw = #"{"model": "o3"}"# // finds openai/o3
let query = ChatQuery(messages: [], model: "gpt-4o-mini", temperature: 0.1) // finds openai/gpt-4o-mini
if name.hasPrefix("gpt-4") { fatalError("no gpt-4") }
