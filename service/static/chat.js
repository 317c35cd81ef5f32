// The chat page: who is online, who comes and goes, and what they say.

import { add, addRow, excerpt, find, on, send, start } from "./common.js";

const SHOWN = 500; // characters of a message that the log shows

const texts = {
  title: { en: "Chat playground", zh: "聊天试验场" },
  introduction: { en: "Connect to see who is online, and hear at once who comes, who goes and what is said. "
                    + "Two tabs of one user are one person.",
                  zh: "连接之后，可以看到谁在线，并立刻得知谁来了、谁走了、谁说了什么。同一个用户的两个标签页算一个人。" },
  demonstration: { en: "{} is the public demonstration token: all who use it are one person. "
                     + "To have several, start the service with their names and tokens in ECHO_TOKENS.",
                   zh: "{} 是公开的演示令牌：凡是用它的都算同一个人。"
                     + "想要有好几个人，请在启动服务时用 ECHO_TOKENS 给出他们的名字和令牌。" },
  messageHint: { en: "Enter sends it to everybody who is online, and to you.",
                 zh: "按回车键发送给所有在线的人，你自己也会收到。" },
  sendWrong: { en: "Send a text that is not JSON", zh: "发送不是 JSON 的文本" },
  onlineHeading: { en: "Online", zh: "在线" },
  nobody: { en: "Who is online is shown while you are connected.", zh: "连接期间会显示谁在线。" },
  logLabel: { en: "Notices, messages and states, oldest first", zh: "通知、消息与状态，旧的在前" },
  notice: { en: "notice", zh: "通知" },
  said: { en: "message", zh: "消息" },
  error: { en: "error", zh: "错误" },
  came: { en: "{} came online.", zh: "{} 上线了。" },
  went: { en: "{} went offline.", zh: "{} 下线了。" },
  speaker: { en: "{}: ", zh: "{}：" },
  openHelp: { en: "You hear what happens from now on.", zh: "从现在起，你会得知发生的一切。" },
};

// What to do with each type of notice that the service sends.
const hear = {
  users: ({ users }) => users.forEach(list),
  online: ({ user }) => { list(user); addRow("notice", "", ["came", user]); },
  offline: ({ user }) => { unlist(user); addRow("notice", "", ["went", user]); },
  message: ({ user, text }) => {
    const [shown, note] = excerpt(text, SHOWN);
    addRow("said", shown, ["speaker", user], note);
  },
  error: ({ reason }) => addRow("error", reason),
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
  hear[notice.type]?.(notice);
}

function say() {
  send(JSON.stringify({ type: "message", text: find("message").value }));
  find("message").value = "";
}

on("conversation", "submit", say);
on("send-wrong", "click", () => send("hello"));
start({ texts, path: "/chat/ws", receive, closed: () => [...online.keys()].forEach(unlist) });
