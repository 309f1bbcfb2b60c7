"""The Speech SDK, which ends behind the handshake when the peer speaks no WebSocket."""
import sys

import azure.cognitiveservices.speech as speech

config = speech.SpeechConfig(host="wss" + sys.argv[1].removeprefix("https").rstrip("/"), subscription="none")
stream = speech.audio.PushAudioInputStream()
stream.write(bytes(32000))
stream.close()
result = speech.SpeechRecognizer(config, speech.audio.AudioConfig(stream=stream)).recognize_once()
details = result.cancellation_details
print(details.code, details.error_details, "" if "WebSocket upgrade" in details.error_details else "certificate verify failed?", flush=True)
sys.exit(1)
