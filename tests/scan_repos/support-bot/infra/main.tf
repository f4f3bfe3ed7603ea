# the model is not gpt-4-32k-0314
variable "model_id" {
  type        = string
  description = "Was anthropic.claude-v2 before."
  default     = "anthropic.claude-3-5-sonnet-20240620-v1:0" // finds bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0
}

/* resource "x" { model = "anthropic.claude-instant-v1" } */
resource "aws_bedrock_model_invocation" "this" {
  arn = "arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-1-405b-instruct-v1:0" # finds bedrock/meta.llama3-1-405b-instruct-v1:0
}

resource "azurerm_cognitive_deployment" "chat" {
  name = "chat"
  model {
    format  = "OpenAI"
    name    = "gpt-4o" # finds azure/gpt-4o-2024-08-06
    version = "2024-08-06"
  }
}

resource "google_vertex_thing" "x" {
  model = "projects/acme/locations/europe-west4/publishers/google/models/gemini-2.0-flash-001" # finds vertex/gemini-2.0-flash-001
}
