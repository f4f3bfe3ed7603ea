# model: "gpt-4"
defmodule Ask do
  @moduledoc """
  Asks "gpt-4".

      ask(model: "gpt-4-turbo")
  """
  @doc "Asks \"gpt-4\""
  @model "gpt-5.6-sol" # finds openai/gpt-5.6-sol
  def ask(model \\ "claude-haiku-4-5") do # finds anthropic/claude-haiku-4-5
    request(%{model: "gpt-5.5", temperature: 0.2}) # finds openai/gpt-5.5
    "not gpt-4 but #{model}"
  end
end
