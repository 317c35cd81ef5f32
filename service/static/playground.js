// The echo page: send a text or a binary frame, and read the reply.

import { addRow, excerpt, find, on, send, start } from "./common.js";

const TOO_LONG = "a".repeat(65_537); // one byte above the default limit
const MAX_CHARACTERS = 80; // of a message in the log

const texts = {
  title: { en: "Echo playground", zh: "回声试验场" },
  introduction: { en: "Connect to the WebSocket, send a text, and read the reply and the close code.",
                  zh: "连接 WebSocket，发送文本，查看回复和关闭码。" },
  demonstration: { en: "{} is the public demonstration token. Change or clear it to see a refused handshake.",
                   zh: "{} 是公开的演示令牌。修改或清空它，可以看到握手被拒绝。" },
  messageHint: { en: "Press Enter to send it. The text may be empty.", zh: "按回车键发送。文本可以为空。" },
  sendBinary: { en: "Send a binary frame", zh: "发送二进制帧" },
  sendLong: { en: "Send a text that is too long", zh: "发送过长的文本" },
  logLabel: { en: "Messages and connection states, oldest first", zh: "消息和连接状态，从旧到新" },
  sent: { en: "sent", zh: "发送" },
  received: { en: "received", zh: "接收" },
  binary: { en: "(a binary frame, {} bytes)", zh: "（二进制帧，{} 字节）" },
  openHelp: { en: "The service answers every text.", zh: "服务会回复每条文本。" },
};

function addMessage(kind, data) {
  if (data instanceof Blob) addRow(kind, "", ["binary", data.size]);
  else addRow(kind, ...excerpt(data, MAX_CHARACTERS));
}

function sendAndShow(data) {
  send(data);
  addMessage("sent", data);
}

on("conversation", "submit", () => { sendAndShow(find("message").value); find("message").value = ""; });
on("send-binary", "click", () => sendAndShow(new Blob(["hello"])));
on("send-long", "click", () => sendAndShow(TOO_LONG));
start({ texts, path: "/items/ws", receive: (data) => addMessage("received", data) });
