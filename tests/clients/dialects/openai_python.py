"""A conversation with OpenAI's SDK: openai_python.py chat|responses TALK, streamed. TALK is JSON as
sdk_cases.mjs has it; prints what came of it, also as JSON."""

import json
import sys

from openai import OpenAI


def ask_chat(client, body):
    with client.chat.completions.stream(stream_options={"include_usage": True}, **body) as stream:
        for _ in stream:
            pass
        answer = stream.get_final_completion()
    return answer.choices[0].message, answer.usage


def chat(client, talk):
    weather = talk["weather"]
    content = [{"type": "text", "text": talk["prompt"]}]
    if talk["image"]:
        url = f"data:image/png;base64,{talk['image']}"
        content.append({"type": "image_url", "image_url": {"url": url}})
    messages = [{"role": "system", "content": talk["system"]}, {"role": "user", "content": content}]
    function = {
        "name": weather["name"],
        "description": weather["description"],
        "parameters": weather["schema"],
    }
    body = {
        "model": talk["model"],
        "messages": messages,
        "tools": [{"type": "function", "function": function}],
    }
    for turn in range(2):
        message, usage = ask_chat(client, body)
        calls = message.tool_calls or []
        yield {
            "text": message.content,
            "calls": [
                {"id": c.id, "name": c.function.name, "input": json.loads(c.function.arguments)}
                for c in calls
            ],
            "usage": {
                "input": usage.prompt_tokens,
                "cached": usage.prompt_tokens_details.cached_tokens,
                "output": usage.completion_tokens,
            },
        }
        if turn == 0:
            asked = [
                {
                    "id": c.id,
                    "type": "function",
                    "function": {"name": c.function.name, "arguments": c.function.arguments},
                }
                for c in calls
            ]
            messages.append({"role": "assistant", "content": message.content, "tool_calls": asked})
            for c in calls:
                told = {"role": "tool", "tool_call_id": c.id, "content": talk["results"][c.id]}
                messages.append(told)


def ask_responses(client, body):
    with client.responses.stream(**body) as stream:
        for _ in stream:
            pass
        return stream.get_final_response()


def responses(client, talk):
    weather = talk["weather"]
    content = [{"type": "input_text", "text": talk["prompt"]}]
    if talk["image"]:
        url = f"data:image/png;base64,{talk['image']}"
        content.append({"type": "input_image", "detail": "auto", "image_url": url})
    items = [{"role": "user", "content": content}]
    tool = {
        "type": "function",
        "name": weather["name"],
        "description": weather["description"],
        "parameters": weather["schema"],
        "strict": False,
    }
    body = {
        "model": talk["model"],
        "input": items,
        "instructions": talk["system"],
        "tools": [tool],
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "medium", "summary": "auto"},
    }
    for turn in range(2):
        answer = ask_responses(client, body)
        calls = [item for item in answer.output if item.type == "function_call"]
        yield {
            "text": answer.output_text,
            "calls": [
                {"id": c.call_id, "name": c.name, "input": json.loads(c.arguments)} for c in calls
            ],
            "usage": {
                "input": answer.usage.input_tokens,
                "cached": answer.usage.input_tokens_details.cached_tokens,
                "output": answer.usage.output_tokens,
            },
        }
        if turn == 0:
            for item in answer.output:
                kept = item.model_dump(exclude_unset=True, exclude={"parsed_arguments"})
                for part in kept.get("content") or []:
                    part.pop("parsed", None)
                items.append(kept)
            for c in calls:
                told = {"call_id": c.call_id, "output": talk["results"][c.call_id]}
                items.append({"type": "function_call_output", **told})


def main():
    api, told = sys.argv[1:]
    talk = json.loads(told)
    client = OpenAI(base_url=f"{talk['url']}/v1", api_key=talk["key"], max_retries=0)
    answers = {"chat": chat, "responses": responses}[api](client, talk)
    print(json.dumps(list(answers)))


main()
