// Shared by both pages: the texts in two languages, a log, and one WebSocket with its status line.

const DEMONSTRATION_TOKEN = "leizishuoceshi"; // public: only a service in demonstration mode accepts it
const MAX_ROWS = 500; // of the log

// The texts in both languages. A value replaces {}. Numbers are close codes. Each page adds texts of its own.
const TEXT = {
  none: { en: "", zh: "" },
  otherLanguage: { en: "中文", zh: "English" },
  pages: { en: "Pages", zh: "页面" },
  echoPage: { en: "Echo", zh: "回声" },
  chatPage: { en: "Chat", zh: "聊天" },
  connectHeading: { en: "1. Connect", zh: "1. 连接" },
  token: { en: "Token", zh: "令牌" },
  noToken: { en: "leave empty for no token", zh: "留空则不带令牌" },
  tokenHint: { en: "The service accepts only connections with a known token.", zh: "服务只接受带有已知令牌的连接。" },
  connect: { en: "Connect", zh: "连接" },
  disconnect: { en: "Disconnect", zh: "断开连接" },
  sendHeading: { en: "2. Send", zh: "2. 发送" },
  message: { en: "Message", zh: "消息" },
  example: { en: "for example: hello", zh: "例如：你好" },
  send: { en: "Send", zh: "发送" },
  logHeading: { en: "Log", zh: "日志" },
  clear: { en: "Clear", zh: "清空" },
  nothing: { en: "The log is empty.", zh: "日志为空。" },
  state: { en: "state", zh: "状态" },
  emptyText: { en: "(the empty text)", zh: "（空文本）" },
  long: { en: "({} characters) ", zh: "（共 {} 个字符）" },
  idle: { en: "Not connected.", zh: "尚未连接。" },
  connecting: { en: "Connecting to {}", zh: "正在连接 {}" },
  open: { en: "Connected.", zh: "已连接。" },
  closed: { en: "Closed: {}", zh: "已关闭，关闭码：{}" },
  reason: { en: "Reason from the service: {}", zh: "服务给出的原因：{}" },
  1000: { en: "Normal Closure: the connection was closed as intended. You can connect again at any time.",
          zh: "正常关闭（Normal Closure）：连接按预期关闭。可以随时重新连接。" },
  1001: { en: "Going Away: you sent nothing for too long, or the service is stopping. Connect again to continue.",
          zh: "离开（Going Away）：你太久没有发送消息，或者服务正在停止。如需继续，请重新连接。" },
  1003: { en: "Unsupported Data: the service accepts only text messages. Connect again and send text.",
          zh: "不支持的数据（Unsupported Data）：服务只接受文本消息。请重新连接并发送文本。" },
  1005: { en: "No Status Received: the close frame had no close code. Connect again to continue.",
          zh: "未收到状态（No Status Received）：关闭帧里没有关闭码。如需继续，请重新连接。" },
  left: { en: "Abnormal Closure: you disconnected before the connection was open. You can connect again at any time.",
          zh: "异常关闭（Abnormal Closure）：连接建立之前，你已经断开。可以随时重新连接。" },
  refused: { en: "Abnormal Closure: the handshake failed. Either the service refused it (HTTP 403 for an unknown "
               + "token, 429 or 503 for too many connections), or the service could not be reached. "
               + "Browsers do not show which. Check the token first, then the service.",
             zh: "异常关闭（Abnormal Closure）：握手失败。可能是服务拒绝了握手（令牌未知时为 HTTP 403，连接过多时为 429 或 503），"
               + "也可能是无法连接到服务。浏览器不会说明是哪一种情况。请先检查令牌，再检查服务。" },
  cut: { en: "Abnormal Closure: the connection was lost without a close frame. "
           + "Check that the service is running, then connect again.",
         zh: "异常关闭（Abnormal Closure）：连接中断，没有收到关闭帧。请确认服务正在运行，然后重新连接。" },
  1008: { en: "Policy Violation: you sent more messages in one second than the service allows. "
            + "Connect again and send more slowly.",
          zh: "违反策略（Policy Violation）：你在一秒内发送的消息超过了服务允许的数量。请重新连接，并放慢发送速度。" },
  1009: { en: "Message Too Big: the message was longer than the service allows. Connect again and send a shorter one.",
          zh: "消息过大（Message Too Big）：消息超过了服务允许的长度。请重新连接，并发送较短的消息。" },
  1011: { en: "Internal Error: the service failed. Read its log, then connect again.",
          zh: "内部错误（Internal Error）：服务出错。请查看服务的日志，然后重新连接。" },
  1012: { en: "Service Restart: the service is stopping or restarting. Wait a moment, then connect again.",
          zh: "服务重启（Service Restart）：服务正在停止或重启。请稍候再重新连接。" },
  1013: { en: "Try Again Later: the browser read too slowly, so messages were lost. Connect again to continue.",
          zh: "稍后再试（Try Again Later）：浏览器读取得太慢，丢失了部分消息。如需继续，请重新连接。" },
  other: { en: "This page has no explanation for this close code. It may come from a proxy in between.",
           zh: "本页面没有这个关闭码的说明。它可能来自中间的代理。" },
};

// The reasons that the service gives, in Chinese. The service itself sends them in English.
const REASONS = [
  [/^send text$/, "请发送文本"],
  [/^send UTF-8$/, "请发送 UTF-8 编码的文本"],
  [/^send at most (\d+) bytes$/, "每条消息最多 $1 字节"],
  [/^send at most (\d+) messages a second$/, "每秒最多发送 $1 条消息"],
  [/^send fewer messages$/, "请减少发送的消息"],
  [/^send fewer frames$/, "请减少发送的帧"],
  [/^nothing was said for too long$/, "太久没有发送消息"],
  [/^read faster$/, "请加快读取"],
  [/^internal error$/, "内部错误"],
  [/^the chat cannot be reached just now, try again$/, "聊天服务暂时不可用，请重试"],
  [/^Invalid JSON: .*$/s, "不是有效的 JSON"],
];

export const find = (id) => document.getElementById(id);
const rows = find("log").querySelector("ol");
let language = firstLanguage();
let page = null; // what start() was given
let socket = null;
let [opened, left] = [false, false]; // whether this socket was open, and whether the user closed it

// Return a text of the table in the chosen language.
function say(key, value) {
  const shown = key === "reason" && language === "zh" ? inChinese(value) : value;
  return TEXT[key][language].replace("{}", () => shown);
}

// Translate a reason, with the original behind it; an unknown reason stays as it is.
function inChinese(reason) {
  const known = REASONS.find(([pattern]) => pattern.test(reason));
  return known ? `${reason.replace(...known)}（${reason}）` : reason;
}

// Start a page with its own texts, the path of its WebSocket, and what it does on a message and on a close.
export function start({ texts, path, receive, closed = () => {} }) {
  page = { path, receive, closed };
  Object.assign(TEXT, texts);
  on("connection", "submit", connect);
  on("disconnect", "click", disconnect);
  on("clear", "click", () => rows.replaceChildren());
  on("language", "click", switchLanguage);
  translatePage();
  enableControls();
  offerDemonstrationToken().catch(() => {}); // without it the user types a token
}

export function on(id, type, action) {
  find(id).addEventListener(type, (event) => { event.preventDefault(); action(); });
}

function firstLanguage() {
  let saved = null;
  try { saved = localStorage.getItem("echo-language"); } catch { /* storage is blocked: use the language of the browser */ }
  if (saved === "en" || saved === "zh") return saved;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  try { localStorage.setItem("echo-language", language); } catch { /* storage is blocked: do not save */ }
  translatePage();
}

function translatePage() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  find("language").lang = language === "zh" ? "en" : "zh-CN"; // the button names the other language
  for (const e of document.querySelectorAll("[data-text]")) e.textContent = say(e.dataset.text, e.dataset.value);
  for (const e of document.querySelectorAll("[data-placeholder]")) e.placeholder = say(e.dataset.placeholder);
  for (const e of document.querySelectorAll("[data-label]")) e.setAttribute("aria-label", say(e.dataset.label));
}

// Show a text of the table in an element, in the chosen language, also after it changes.
function put(element, key, value = "") {
  Object.assign(element.dataset, { text: key, value });
  element.textContent = say(key, value);
}

export function add(parent, tag, className) {
  return parent.appendChild(Object.assign(document.createElement(tag), { className }));
}

// Add a row to the log: time, kind, notes of the table, each [key, value], and a text that stays as it is.
export function addRow(kind, text, ...notes) {
  const log = find("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8; // otherwise the user is reading further up
  const row = add(rows, "li", kind);
  add(row, "time", "").textContent = new Date().toTimeString().slice(0, 8);
  put(add(row, "span", "kind"), kind);
  const body = add(row, "span", "body");
  for (const [key, value] of notes) put(add(body, "span", "note"), key, value);
  body.append(text);
  if (rows.children.length > MAX_ROWS) rows.firstChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

// Return the beginning of a text, up to a length, and a note if the text is longer or empty.
export function excerpt(text, length) {
  const characters = [...text];
  if (characters.length <= length) return [text, [text ? "none" : "emptyText"]];
  return [`${characters.slice(0, length).join("")}…`, ["long", characters.length.toLocaleString("en")]];
}

// Show a new state in the status line and in the log, and enable the controls that it allows.
function showState(mood, key, value = "", help = "none", reason = "") {
  const notes = [[key, value], [help], [reason ? "reason" : "none", reason]];
  find("status").dataset.state = mood;
  notes.forEach((note, number) => put(find("status").children[number], ...note));
  addRow("state", "", ...notes);
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
  if (document.activeElement.matches("body, :disabled")) find("connect").focus(); // a disabled control cannot keep the focus
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
