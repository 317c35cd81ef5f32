// The playground: one socket, one log, two languages.

const DEMONSTRATION_TOKEN = "leizishuoceshi"; // public: it opens only a demonstration
const TOO_LONG = "a".repeat(65_537); // one byte more than the service reads by default
const SHOWN = 80; // characters of a message that the log shows

// Every text in both languages; {} is filled with a value. The numbers are close codes.
const TEXT = {
  none: { en: "", zh: "" },
  title: { en: "Echo playground", zh: "回声试验场" },
  otherLanguage: { en: "中文", zh: "English" },
  introduction: { en: "Connect to the WebSocket, send a text, and read the reply and the close code.",
                  zh: "连接 WebSocket，发送一段文本，看看回复和关闭代码。" },
  connectHeading: { en: "1. Connect", zh: "1. 连接" },
  token: { en: "Token", zh: "令牌" },
  noToken: { en: "empty: no token", zh: "留空：不带令牌" },
  tokenHint: { en: "The service lets in whoever shows a known token.", zh: "出示已知的令牌才能进入。" },
  demonstration: { en: "{} is the public demonstration token. Change or empty it to see a refusal.",
                   zh: "{} 是公开的演示令牌。改掉或清空它，就能看到连接被拒绝。" },
  connect: { en: "Connect", zh: "连接" },
  disconnect: { en: "Disconnect", zh: "断开" },
  sendHeading: { en: "2. Send", zh: "2. 发送" },
  message: { en: "Message", zh: "消息" },
  example: { en: "for example: hello", zh: "例如：你好" },
  messageHint: { en: "Enter sends it. The empty text may be sent too.", zh: "按回车键发送。空文本也可以发送。" },
  send: { en: "Send", zh: "发送" },
  sendBinary: { en: "Send a binary frame", zh: "发送二进制帧" },
  sendLong: { en: "Send a text that is too long", zh: "发送过长的文本" },
  logHeading: { en: "Log", zh: "记录" },
  logLabel: { en: "Messages and states, oldest first", zh: "消息与状态，旧的在前" },
  clear: { en: "Clear", zh: "清空" },
  nothing: { en: "Nothing yet.", zh: "还没有记录。" },
  sent: { en: "sent", zh: "发出" },
  received: { en: "received", zh: "收到" },
  state: { en: "state", zh: "状态" },
  emptyText: { en: "(the empty text)", zh: "（空文本）" },
  binary: { en: "(a binary frame, {} bytes)", zh: "（二进制帧，{} 字节）" },
  long: { en: "({} characters) ", zh: "（{} 个字符）" },
  idle: { en: "Not connected.", zh: "尚未连接。" },
  connecting: { en: "Connecting to {}", zh: "正在连接 {}" },
  open: { en: "Open.", zh: "已连接。" },
  openHelp: { en: "The service answers every text.", zh: "服务会回应每一段文本。" },
  closed: { en: "Closed: {}", zh: "已关闭：{}" },
  reason: { en: "Reason given: {}", zh: "对方给出的原因：{}" },
  1000: { en: "Normal Closure: it ended in good order. Connect again any time.", zh: "正常关闭：有序结束。随时可以重新连接。" },
  1001: { en: "Going Away: the service is stopping. Connect again when it is back.", zh: "离开：服务正在停止。等它恢复后再连接。" },
  1003: { en: "Unsupported Data: only text is answered. Connect again, send text.", zh: "不支持的数据：只回应文本。请重新连接并发送文本。" },
  1005: { en: "No Status Received: closed without a code. Connect again to go on.", zh: "未收到状态码：关闭时没有代码。要继续请重新连接。" },
  left: { en: "Abnormal Closure: you left before it was open. Connect again any time.", zh: "异常关闭：打开之前你已断开。随时可以重新连接。" },
  refused: { en: "Abnormal Closure, never open: no close frame came; the handshake was refused (HTTP 403) "
               + "or nothing answered. Browsers hide the reason, so check the token, then the service.",
             zh: "异常关闭，从未打开：没有收到关闭帧，握手被拒绝（HTTP 403）或无人应答。浏览器隐藏了原因，请先检查令牌，再检查服务。" },
  cut: { en: "Abnormal Closure, after it was open: no close frame came; the line was cut. "
           + "Check that the service runs, then connect again.",
         zh: "异常关闭，曾经打开：没有收到关闭帧，线路中断。请确认服务在运行，再重新连接。" },
  1008: { en: "Policy Violation: this connection is not allowed. Check the token.", zh: "违反策略：不允许这个连接。请检查令牌。" },
  1009: { en: "Message Too Big: the text was too long. Connect again, send a shorter one.", zh: "消息过大：文本太长。请重新连接并发送短一些的文本。" },
  1011: { en: "Internal Error: the service failed, not you. Read its log, connect again.", zh: "内部错误：出错的是服务，不是你。请看它的日志，再重新连接。" },
  1012: { en: "Service Restart: it stops or restarts. Wait a moment, connect again.", zh: "服务重启：正在停止或重启。请稍等再重新连接。" },
  1013: { en: "Try Again Later: the service is too busy. Wait longer, connect again.", zh: "稍后再试：服务太忙。请多等一会儿再重新连接。" },
  other: { en: "This is not a code this service sends. Look for a proxy in between.", zh: "这不是本服务会发送的代码。请检查中间是否有代理。" },
};

const find = (id) => document.getElementById(id);
const say = (key, value) => TEXT[key][language].replace("{}", () => value);
const rows = find("log").querySelector("ol");
let language = firstLanguage();
let socket = null;
let [opened, left] = [false, false]; // has this socket been open; did the person leave it

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

// Say a new state in the status line and in the log; the controls follow the socket.
function showState(mood, key, value = "", help = "none", reason = "") {
  const [headline, explanation, quotation] = find("status").children;
  find("status").dataset.state = mood;
  put(headline, key, value);
  put(explanation, help);
  put(quotation, reason ? "reason" : "none", reason);
  addRow("state", reason && ` ${reason}`, key, value);
  enableControls();
}

function add(parent, tag, className) {
  return parent.appendChild(Object.assign(document.createElement(tag), { className }));
}

// A row is: time, direction, a note in the chosen language, and the text just as it is.
function addRow(kind, text, note = "none", value = "") {
  const row = add(rows, "li", kind);
  add(row, "time", "").textContent = new Date().toTimeString().slice(0, 8);
  put(add(row, "span", "kind"), kind);
  const body = add(row, "span", "body");
  put(add(body, "span", "note"), note, value);
  body.append(text);
  find("log").scrollTop = find("log").scrollHeight;
}

function addMessage(kind, data) {
  if (data instanceof Blob) return addRow(kind, "", "binary", data.size);
  const letters = [...data];
  if (letters.length <= SHOWN) return addRow(kind, data, data ? "none" : "emptyText");
  return addRow(kind, `${letters.slice(0, SHOWN).join("")}…`, "long", letters.length.toLocaleString("en"));
}

function enableControls() {
  const state = socket?.readyState ?? WebSocket.CLOSED;
  find("connect").disabled = state !== WebSocket.CLOSED;
  find("disconnect").disabled = state > WebSocket.OPEN;
  for (const control of find("conversation").elements) control.disabled = state !== WebSocket.OPEN;
}

function connect() {
  const token = find("token").value;
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/items/ws`;
  socket = new WebSocket(address + (token && `?token=${encodeURIComponent(token)}`));
  [opened, left] = [false, false];
  socket.addEventListener("open", onOpen);
  socket.addEventListener("message", (event) => addMessage("received", event.data));
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
  showState(code === 1000 || help === "left" ? "ended" : "failed", "closed", code, help in TEXT ? help : "other", reason);
  if (document.activeElement.matches("body, :disabled")) find("connect").focus(); // not lost on a dead control
}

function disconnect() {
  left = true;
  socket.close(1000);
  enableControls();
}

function send(data) {
  socket.send(data);
  addMessage("sent", data);
}

async function offerDemonstrationToken() {
  const health = await (await fetch("/healthz")).json();
  if (!health.demonstration) return;
  find("token").value ||= DEMONSTRATION_TOKEN;
  put(find("token-hint"), "demonstration", DEMONSTRATION_TOKEN);
}

function on(id, type, action) {
  find(id).addEventListener(type, (event) => { event.preventDefault(); action(); });
}

on("connection", "submit", connect);
on("conversation", "submit", () => { send(find("message").value); find("message").value = ""; });
on("disconnect", "click", disconnect);
on("send-binary", "click", () => send(new Blob(["hello"])));
on("send-long", "click", () => send(TOO_LONG));
on("clear", "click", () => rows.replaceChildren());
on("language", "click", switchLanguage);
translatePage();
enableControls();
offerDemonstrationToken().catch(() => {}); // then the person types a token
