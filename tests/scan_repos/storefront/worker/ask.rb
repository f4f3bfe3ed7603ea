# model: "gpt-4"
=begin
model = "gpt-4-turbo"
=end
require "anthropic"

MODEL = "claude-3-7-sonnet-20250219" # finds anthropic/claude-3-7-sonnet-20250219
SETTINGS = { model: 'gpt-4.1-mini', temperature: 0.2 } # finds openai/gpt-4.1-mini
PRICES = { "gpt-4o-mini" => 0.15 } # finds openai/gpt-4o-mini
raise "gpt-4 is #{MODEL}" if MODEL.start_with?("gpt-4")
case model
when "gpt-5-nano" then 1 # finds openai/gpt-5-nano
end
BODY = <<~JSON
  {"model": "gpt-4-0613", "about": "gpt-4"}
JSON
client.chat(parameters: { model: "o4-mini", max_tokens: 10 }) # finds openai/o4-mini
__END__
MODEL = "gpt-4-32k"
