-- 'gpt-4'
/* 'gpt-4-turbo' */
select ai_complete('snowflake', 'not gpt-4') from t;
insert into models values ('gpt-5.4-nano', 'it''s'); -- finds openai/gpt-5.4-nano
