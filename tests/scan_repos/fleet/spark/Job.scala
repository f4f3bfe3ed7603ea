// val model = "gpt-4"
object Job {
  val model = "claude-3-haiku-20240307" // finds anthropic/claude-3-haiku-20240307
  val prices = Map("gpt-4-turbo" -> 10.0) // finds openai/gpt-4-turbo
  val text = s"not gpt-4 but $model"
  val long = """it's "gpt-4" no more"""
  def f(x: Char) = x == '"'
  val judge = config.getOrElse("judge", "gpt-5.2") // finds openai/gpt-5.2
}
