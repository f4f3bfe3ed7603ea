// model: 'gpt-4'
resource chat 'Microsoft.CognitiveServices/accounts/deployments@2024-10-01' = {
  properties: {
    model: {
      format: 'OpenAI'
      name: 'gpt-4o-mini' // finds azure/gpt-4o-mini-2024-07-18
      version: '2024-07-18'
    }
  }
}
