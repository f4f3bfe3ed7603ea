; (def model "gpt-4")
(def model "gpt-5.1") ; finds openai/gpt-5.1
