# $model = "gpt-4"
<#
$model = "gpt-4-turbo"
#>
$model = "claude-opus-5" # finds anthropic/claude-opus-5
$env:JUDGE_MODEL = 'gpt-5.4' # finds openai/gpt-5.4
Write-Host "not gpt-4"
python -m app --model gemini-3.6-flash # finds gemini/gemini-3.6-flash
