from openai import AzureOpenAI

client = AzureOpenAI(azure_endpoint="https://acme.openai.azure.com", api_version="2024-06-01")
REPLY = client.chat.completions.create(model="gpt-4o", messages=[])  # finds azure/gpt-4o
OLD = client.chat.completions.create(model="gpt-35-turbo", messages=[])  # finds azure/gpt-35-turbo
