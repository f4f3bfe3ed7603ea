(** [ask "gpt-4"] asks. *)
let model = "claude-haiku-4-5" (* "gpt-4" *)
let ask ?(model = "o3") prompt = Client.ask ~model prompt
