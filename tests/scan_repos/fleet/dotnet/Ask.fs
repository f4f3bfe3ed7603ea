(* The first was "gpt-4".
   (* nested: model = "gpt-4-turbo" *) "gpt-3.5-turbo" *)
module Ask

/// Asks "gpt-4".
[<Literal>]
let Model = "gpt-5.6-sol" // finds openai/gpt-5.6-sol

let quote = '"' // "gpt-4"
let options = { Model = @"claude-opus-4-6"; Path = @"c:\" } // finds anthropic/claude-opus-4-6

let judge (model: string) =
    if model.StartsWith "gpt-4" then failwith "gpt-4 is \"gone\"" else "gemini-3.7-flash" // finds gemini/gemini-3.7-flash
