/** What the hub says about requests as such: what is not valid, what cannot be answered. */
export const zhRequests: Record<string, string> = {
  'The request is not valid. {issues}': '请求无效。{issues}',
  'The request is not valid: {message}': '请求无效：{message}',
  'The request is not valid: {field} {issue}.': '请求无效：{field} {issue}。',
  'The request body is too large.': '请求正文过大。',
  'The body must be JSON: send it as application/json.': '正文必须是 JSON，请以 application/json 发送。',
  'must be application/json': '必须是 application/json',
  'There is nothing at {method} {path}.': '没有 {method} {path}。',
  'Something went wrong inside the hub. Try again; if it stays, give an admin the request id {id}.':
    '系统内部出错。请重试；若一直如此，请把请求编号 {id} 告知管理员。',
  'The hub cannot reach its database at the moment. Try again in a minute; if it stays, tell an admin.':
    '系统暂时无法连接数据库。请稍后重试；若一直如此，请告知管理员。',
  'The hub answered {status} without an explanation. Try again; if it stays, tell an admin.':
    '系统返回 {status}，没有说明原因。请重试；若一直如此，请告知管理员。',
  'This page cursor is not valid. Start from the first page.': '分页位置无效，请从第一页开始。',
  'is not a cursor of this list': '不是此列表的分页位置',

  // Fields, in our own words.
  'is not a known field': '不是已知的字段',
  'must be 12 characters of a-z and 0-9': '必须是 12 个 a-z 和 0-9 的字符',
  'must not have control characters': '不能含控制字符',
  'must not contain control characters': '不能含控制字符',
  'give a preset or resources, not both': '请指定预设规格或资源，不能同时指定',
  'must be one of the allowed policies': '必须是允许的策略之一',
  'must be a path that begins with a slash': '必须是以斜杠开头的路径',
  'must not contain ".."': '不能含“..”',
  'lower-case letters and digits, parted by single - _ or .': '只能用小写字母和数字，中间可用单个 - _ 或 . 分隔',
  'lower-case letters, digits, - _ and ., beginning with a letter or digit':
    '只能用小写字母、数字、- _ 和 .，并以字母或数字开头',
  'must not be "latest": a version never moves': '不能是“latest”：版本保存后不会再变',
  'must be a name of letters, digits and _': '只能用字母、数字和 _',
  'is set by Davit or would break its agent': '由 Davit 设置，或会影响其代理程序',
  'must be up to 200 ids parted by commas': '最多 200 个编号，用逗号分隔',

  // Servers' origins.
  'This request came from another site and was refused.': '此请求来自其他网站，已被拒绝。',
  'This server does not exist (any more).': '此服务器不存在或已被删除。',
  'This server belongs to somebody else.': '此服务器属于其他用户。',
  'Open this server from the hub first.': '请先从系统主页打开此服务器。',
  'There were too many calls with a wrong token. Try again in a minute.': '使用错误令牌的请求过多，请稍后重试。',
  'Send the token in /run/davit/token as a bearer. It changes now and then: read it again.':
    '请把 /run/davit/token 中的令牌作为 Bearer 发送。它会定期更换，请重新读取。',
  'The hub cannot check the token right now. Try again in a moment.': '系统暂时无法验证令牌，请稍后重试。',
  'There is nothing at this address. Only the server API is offered here.': '此地址没有内容，这里只提供服务器 API。',
  'There is nothing at this address.': '此地址没有内容。',
  'The hub cannot tell right now who may enter. Try again in a moment.': '系统暂时无法确认访问权限，请稍后重试。',
  'The address in the request line must begin with a slash.': '请求行中的地址必须以斜杠开头。',
  'The request has more than one Host header.': '请求中有多个 Host 标头。',
  'The path is not valid: it must not hide slashes, dots or broken escapes.':
    '路径无效：不能含被编码的斜杠和点，或不完整的转义。',
  'No hub and no server has this address. Open the hub by its own address.':
    '没有系统或服务器使用这个地址。请使用系统自己的地址。',
  'A link into a server is opened with GET.': '进入服务器的链接只能用 GET 打开。',
  'This server was started under another address. Stop it and start it again.':
    '此服务器启动时使用的是其他地址。请停止后重新启动。',
  'The image of this server carries no editor.': '此服务器的镜像没有编辑器。',
  'The server "{name}" is not ready: {phase}.': '服务器“{name}”尚未就绪：{phase}。',
  'The server "{name}" is not ready: {phase}. {reason}': '服务器“{name}”尚未就绪：{phase}。{reason}',
  'The server did not answer in time.': '服务器响应超时。',
  'The hub is stopping. Try again in a moment.': '系统正在停止，请稍后重试。',
  'The server gave no valid answer. If that lasts, reset it on the hub.':
    '服务器没有给出有效的响应。若一直如此，请在系统主页重置它。',
  'This link does not work any more. Open the server from the hub again.': '此链接已失效。请从系统主页重新打开服务器。',
  'This request came from another site and was refused. Use the hub’s own pages, or an API token.':
    '此请求来自其他网站，已被拒绝。请使用系统自己的页面，或 API 令牌。',
  'The pages are not built yet. Run npm start, which builds them.': '页面尚未构建。请运行 npm start，它会构建页面。',
};

/** What the schema library says by itself of a value that does not fit. */
export const zhSchemas: Record<string, string> = {
  'Invalid input: expected {expected}, received undefined': '为必填项',
  'Invalid input: expected {expected}, received {received}': '类型有误：应为 {expected}，实际为 {received}',
  'Invalid input: expected {expected}': '无效的值：应为 {expected}',
  'Invalid option: expected one of {options}': '必须是以下之一：{options}',
  'Too small: expected string to have >=1 characters': '不能为空',
  'Too small: expected string to have >={n} characters': '至少 {n} 个字符',
  'Too big: expected string to have <={n} characters': '最多 {n} 个字符',
  'Too small: expected array to have >={n} items': '至少 {n} 项',
  'Too big: expected array to have <={n} items': '最多 {n} 项',
  'Too small: expected {kind} to be >={n}': '不能小于 {n}',
  'Too big: expected {kind} to be <={n}': '不能大于 {n}',
  'Invalid ISO date': '日期无效',
  'Invalid key in record': '名称无效',
};
