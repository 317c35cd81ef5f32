// The chat page: the users online, the notices and the messages.

import { add, addRow, excerpt, find, on, send, start } from "./common.js";

const MAX_CHARACTERS = 500; // of a message in the log

const texts = {
  title: { en: "Chat playground", zh: "聊天试验场" },
  introduction: { en: "Connect to see which users are online and to receive notices and messages as they are sent. "
                    + "Two browser tabs with one token are one user.",
                  zh: "连接后可以看到哪些用户在线，并实时收到通知和消息。使用同一令牌的两个浏览器标签页属于同一个用户。" },
  demonstration: { en: "{} is the public demonstration token: all connections with it belong to one user. "
                     + "For several users, start the service with their names and tokens in ECHO_TOKENS.",
                   zh: "{} 是公开的演示令牌，使用它的连接都属于同一个用户。"
                     + "如需多个用户，请在启动服务时用 ECHO_TOKENS 设置用户名和令牌。" },
  messageHint: { en: "Press Enter to send it to all users online, including you.",
                 zh: "按回车键发送给所有在线用户，包括你自己。" },
  sendWrong: { en: "Send a text that is not JSON", zh: "发送不是 JSON 的文本" },
  onlineHeading: { en: "Users online", zh: "在线用户" },
  onlineHint: { en: "The users online are listed here while you are connected.", zh: "连接期间，这里会列出在线用户。" },
  logLabel: { en: "Notices, messages and connection states, oldest first", zh: "通知、消息和连接状态，从旧到新" },
  notice: { en: "notice", zh: "通知" },
  said: { en: "message", zh: "消息" },
  error: { en: "error", zh: "错误" },
  online: { en: "{} is online.", zh: "{} 已上线。" },
  offline: { en: "{} is offline.", zh: "{} 已下线。" },
  sender: { en: "{}: ", zh: "{}：" },
  openHelp: { en: "You receive every notice and message from now on.", zh: "从现在起，你会收到所有通知和消息。" },
};

// What to show for each type of notice from the service.
const show = {
  users: ({ users }) => users.forEach(list),
  online: ({ user }) => { list(user); addRow("notice", "", ["online", user]); },
  offline: ({ user }) => { unlist(user); addRow("notice", "", ["offline", user]); },
  message: ({ user, text }) => {
    const [shown, note] = excerpt(text, MAX_CHARACTERS);
    addRow("said", shown, ["sender", user], note);
  },
  error: ({ reason }) => addRow("error", "", ["reason", reason]),
};

const online = new Map(); // user to list item

function list(user) {
  if (online.has(user)) return;
  online.set(user, add(find("online").querySelector("ul"), "li", ""));
  online.get(user).textContent = user;
}

function unlist(user) {
  online.get(user)?.remove();
  online.delete(user);
}

function receive(data) {
  const notice = JSON.parse(data);
  show[notice.type]?.(notice);
}

function say() {
  send(JSON.stringify({ type: "message", text: find("message").value }));
  find("message").value = "";
}

on("conversation", "submit", say);
on("send-wrong", "click", () => send("hello"));
start({ texts, path: "/chat/ws", receive, closed: () => [...online.keys()].forEach(unlist) });
