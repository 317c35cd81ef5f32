// What the pages share: two languages, a log, and one socket with its status line.

const DEMONSTRATION_TOKEN = "leizishuoceshi"; // public: it opens only a demonstration
const KEPT = 500; // rows of the log

// Texts in both languages; {} is filled with a value. The numbers are close codes. A page adds its own.
const TEXT = {
  none: { en: "", zh: "" },
  otherLanguage: { en: "中文", zh: "English" },
  pages: { en: "Pages", zh: "页面" },
  echoPage: { en: "Echo", zh: "回声" },
  chatPage: { en: "Chat", zh: "聊天" },
  connectHeading: { en: "1. Connect", zh: "1. 连接" },
  token: { en: "Token", zh: "令牌" },
  noToken: { en: "empty: no token", zh: "留空：不带令牌" },
  tokenHint: { en: "The service lets in whoever shows a known token.", zh: "出示已知的令牌才能进入。" },
  connect: { en: "Connect", zh: "连接" },
  disconnect: { en: "Disconnect", zh: "断开" },
  sendHeading: { en: "2. Send", zh: "2. 发送" },
  message: { en: "Message", zh: "消息" },
  example: { en: "for example: hello", zh: "例如：你好" },
  send: { en: "Send", zh: "发送" },
  logHeading: { en: "Log", zh: "记录" },
  clear: { en: "Clear", zh: "清空" },
  nothing: { en: "Nothing yet.", zh: "还没有记录。" },
  state: { en: "state", zh: "状态" },
  emptyText: { en: "(the empty text)", zh: "（空文本）" },
  long: { en: "({} characters) ", zh: "（{} 个字符）" },
  idle: { en: "Not connected.", zh: "尚未连接。" },
  connecting: { en: "Connecting to {}", zh: "正在连接 {}" },
  open: { en: "Open.", zh: "已连接。" },
  closed: { en: "Closed: {}", zh: "已关闭：{}" },
  reason: { en: "Reason given: {}", zh: "对方给出的原因：{}" },
  1000: { en: "Normal Closure: it ended in good order. Connect again any time.",
          zh: "正常关闭：有序结束。随时可以重新连接。" },
  1001: { en: "Going Away: you said nothing for too long, or the service is stopping. Connect again to go on.",
          zh: "离开：你太久没有发言，或者服务正在停止。要继续请重新连接。" },
  1003: { en: "Unsupported Data: the service reads only text. Connect again, send text.",
          zh: "不支持的数据：服务只读取文本。请重新连接并发送文本。" },
  1005: { en: "No Status Received: closed without a code. Connect again to go on.",
          zh: "未收到状态码：关闭时没有关闭代码。要继续请重新连接。" },
  left: { en: "Abnormal Closure: you left before it was open. Connect again any time.",
          zh: "异常关闭：打开之前你已断开。随时可以重新连接。" },
  refused: { en: "Abnormal Closure, never open: no close frame came; the handshake was refused (HTTP 403, "
               + "or 429 and 503 if there are too many connections) or nothing answered. "
               + "Browsers hide the reason, so check the token, then the service.",
             zh: "异常关闭，从未打开：没有收到关闭帧，握手被拒绝（HTTP 403；连接过多时为 429 或 503）或无人应答。"
               + "浏览器隐藏了原因，请先检查令牌，再检查服务。" },
  cut: { en: "Abnormal Closure, after it was open: no close frame came; the line was cut. "
           + "Check that the service runs, then connect again.",
         zh: "异常关闭，曾经打开：没有收到关闭帧，连接中断。请确认服务在运行，再重新连接。" },
  1008: { en: "Policy Violation: you sent too many messages in one second. Connect again, send them more slowly.",
          zh: "违反策略：你在一秒内发送了太多消息。请重新连接，发慢一些。" },
  1009: { en: "Message Too Big: the text was too long. Connect again, send a shorter one.",
          zh: "消息过大：文本太长。请重新连接并发送短一些的文本。" },
  1011: { en: "Internal Error: the service failed, not you. Read its log, connect again.",
          zh: "内部错误：出错的是服务，不是你。请看它的日志，再重新连接。" },
  1012: { en: "Service Restart: it stops or restarts. Wait a moment, connect again.",
          zh: "服务重启：正在停止或重启。请稍等再重新连接。" },
  1013: { en: "Try Again Later: you were not reading fast enough, so you missed something. Connect again to go on.",
          zh: "稍后再试：你读取得不够快，因此错过了一些内容。要继续请重新连接。" },
  other: { en: "This is not a code this service sends. Look for a proxy in between.",
           zh: "这不是本服务会发送的代码。请检查中间是否有代理。" },
};

export const find = (id) => document.getElementById(id);
const say = (key, value) => TEXT[key][language].replace("{}", () => value);
const rows = find("log").querySelector("ol");
let language = firstLanguage();
let page = null; // what start() was given
let socket = null;
let [opened, left] = [false, false]; // has this socket been open; did the person leave it

// Begin, with a page's own texts, the path of its socket, and what it does on a message and on the close.
export function start({ texts, path, receive, closed = () => {} }) {
  page = { path, receive, closed };
  Object.assign(TEXT, texts);
  on("connection", "submit", connect);
  on("disconnect", "click", disconnect);
  on("clear", "click", () => rows.replaceChildren());
  on("language", "click", switchLanguage);
  translatePage();
  enableControls();
  offerDemonstrationToken().catch(() => {}); // then the person types a token
}

export function on(id, type, action) {
  find(id).addEventListener(type, (event) => { event.preventDefault(); action(); });
}

function firstLanguage() {
  let saved = null;
  try { saved = localStorage.getItem("echo-language"); } catch { /* storage is blocked: guess */ }
  if (saved === "en" || saved === "zh") return saved;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  try { localStorage.setItem("echo-language", language); } catch { /* storage is blocked: forget */ }
  translatePage();
}

function translatePage() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  find("language").lang = language === "zh" ? "en" : "zh-CN"; // its text names the other one
  for (const e of document.querySelectorAll("[data-text]")) e.textContent = say(e.dataset.text, e.dataset.value);
  for (const e of document.querySelectorAll("[data-placeholder]")) e.placeholder = say(e.dataset.placeholder);
  for (const e of document.querySelectorAll("[data-label]")) e.setAttribute("aria-label", say(e.dataset.label));
}

// Let an element say a text of the table, in this language and after every change of it.
function put(element, key, value = "") {
  Object.assign(element.dataset, { text: key, value });
  element.textContent = say(key, value);
}

export function add(parent, tag, className) {
  return parent.appendChild(Object.assign(document.createElement(tag), { className }));
}

// A row is: time, kind, notes in the chosen language, each [key, value], and a text just as it is.
export function addRow(kind, text, ...notes) {
  const log = find("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8; // or somebody is reading further up
  const row = add(rows, "li", kind);
  add(row, "time", "").textContent = new Date().toTimeString().slice(0, 8);
  put(add(row, "span", "kind"), kind);
  const body = add(row, "span", "body");
  for (const [key, value] of notes) put(add(body, "span", "note"), key, value);
  body.append(text);
  if (rows.children.length > KEPT) rows.firstChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

// What a row shows of a text: as much as this many characters, and a note if that is not all or nothing.
export function excerpt(text, most) {
  const letters = [...text];
  if (letters.length <= most) return [text, [text ? "none" : "emptyText"]];
  return [`${letters.slice(0, most).join("")}…`, ["long", letters.length.toLocaleString("en")]];
}

// Say a new state in the status line and in the log; the controls follow the socket.
function showState(mood, key, value = "", help = "none", reason = "") {
  const [headline, explanation, quotation] = find("status").children;
  find("status").dataset.state = mood;
  put(headline, key, value);
  put(explanation, help);
  put(quotation, reason ? "reason" : "none", reason);
  addRow("state", reason && ` ${reason}`, [key, value]);
  enableControls();
}

function enableControls() {
  const state = socket?.readyState ?? WebSocket.CLOSED;
  find("connect").disabled = state !== WebSocket.CLOSED;
  find("disconnect").disabled = state > WebSocket.OPEN;
  for (const control of find("conversation").elements) control.disabled = state !== WebSocket.OPEN;
}

function connect() {
  const token = find("token").value;
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${page.path}`;
  socket = new WebSocket(address + (token && `?token=${encodeURIComponent(token)}`));
  [opened, left] = [false, false];
  socket.addEventListener("open", onOpen);
  socket.addEventListener("message", (event) => page.receive(event.data));
  socket.addEventListener("close", onClose);
  showState("connecting", "connecting", address + (token && "?token=…"));
}

function onOpen() {
  opened = true;
  showState("open", "open", "", "openHelp");
  find("message").focus();
}

function onClose({ code, reason }) {
  const help = code !== 1006 ? code : opened ? "cut" : left ? "left" : "refused";
  page.closed();
  const mood = code === 1000 || help === "left" ? "ended" : "failed";
  showState(mood, "closed", code, help in TEXT ? help : "other", reason);
  if (document.activeElement.matches("body, :disabled")) find("connect").focus(); // not lost on a dead control
}

function disconnect() {
  left = true;
  socket.close(1000);
  enableControls();
}

export function send(data) {
  socket.send(data);
}

async function offerDemonstrationToken() {
  const health = await (await fetch("/healthz")).json();
  if (!health.demonstration) return;
  find("token").value ||= DEMONSTRATION_TOKEN;
  put(find("token-hint"), "demonstration", DEMONSTRATION_TOKEN);
}
