// The echo page: what is sent comes back.

import { addRow, excerpt, find, on, send, start } from "./common.js";

const TOO_LONG = "a".repeat(65_537); // one byte more than the service reads by default
const SHOWN = 80; // characters of a message that the log shows

const texts = {
  title: { en: "Echo playground", zh: "回声试验场" },
  introduction: { en: "Connect to the WebSocket, send a text, and read the reply and the close code.",
                  zh: "连接 WebSocket，发送一段文本，看看回复和关闭代码。" },
  demonstration: { en: "{} is the public demonstration token. Change or empty it to see a refusal.",
                   zh: "{} 是公开的演示令牌。改掉或清空它，就能看到连接被拒绝。" },
  messageHint: { en: "Enter sends it. The empty text may be sent too.", zh: "按回车键发送。空文本也可以发送。" },
  sendBinary: { en: "Send a binary frame", zh: "发送二进制帧" },
  sendLong: { en: "Send a text that is too long", zh: "发送过长的文本" },
  logLabel: { en: "Messages and states, oldest first", zh: "消息与状态，旧的在前" },
  sent: { en: "sent", zh: "发出" },
  received: { en: "received", zh: "收到" },
  binary: { en: "(a binary frame, {} bytes)", zh: "（二进制帧，{} 字节）" },
  openHelp: { en: "The service answers every text.", zh: "服务会回应每一段文本。" },
};

function addMessage(kind, data) {
  if (data instanceof Blob) addRow(kind, "", ["binary", data.size]);
  else addRow(kind, ...excerpt(data, SHOWN));
}

function sendAndShow(data) {
  send(data);
  addMessage("sent", data);
}

on("conversation", "submit", () => { sendAndShow(find("message").value); find("message").value = ""; });
on("send-binary", "click", () => sendAndShow(new Blob(["hello"])));
on("send-long", "click", () => sendAndShow(TOO_LONG));
start({ texts, path: "/items/ws", receive: (data) => addMessage("received", data) });
