/** What the hub says about people: accounts, sign-in, groups, tokens, usage. */
export const zhPeople: Record<string, string> = {
  // Who may.
  'Sign in first.': '请先登录。',
  'Only an admin may do this.': '只有管理员可以这样做。',
  'This token lacks the scope "{scope}". Create one that has it.': '此令牌没有权限“{scope}”。请创建有此权限的令牌。',
  'This token lacks the scope "servers". Create one that has it.': '此令牌没有权限“servers”。请创建有此权限的令牌。',
  'This token is not valid (any more).': '此令牌无效或已失效。',
  'Your session has ended. Sign in again.': '您的会话已结束，请重新登录。',

  // Sign-in and passwords.
  'The name or the password is not right, or the account is not active. Try again, or ask an admin.':
    '用户名或密码有误，或账户已停用。请重试，或联系管理员。',
  'There were too many attempts. Try again in a minute.': '尝试次数过多，请在 1 分钟后重试。',
  'There were too many attempts. Try again in {n} minutes.': '尝试次数过多，请在 {n} 分钟后重试。',
  'Too many people are signing in right now. Try again in a minute.': '当前登录的人过多，请稍后重试。',
  'This hub does not let people create accounts themselves. Ask an admin for one.':
    '此系统不允许自行注册账户。请向管理员申请。',
  'You have no such session, or not any more.': '您没有这个会话，或它已结束。',
  'This request came with an API token, which has no session. Revoke the token.':
    '此请求使用 API 令牌，没有会话。请吊销该令牌。',
  'The current password is not right.': '当前密码有误。',
  'is not right': '有误',
  'The password was changed somewhere else meanwhile. Sign in again.': '密码已在别处修改，请重新登录。',
  'Choose a name for the first admin.': '请为第一位管理员设置用户名。',
  'is required': '为必填项',
  'This link was used already or is too old. Ask an admin for a new one.':
    '此链接已使用过或已过期。请向管理员索取新的链接。',
  'is not good any more': '已失效',
  'must have at least 8 characters': '至少 8 个字符',

  // Accounts.
  'There is no such person, or not any more.': '没有这个用户，或已不存在。',
  'There is nobody with exactly this name. Check the spelling.': '没有与此名称完全一致的用户。请检查拼写。',
  'Only teachers and admins may look people up.': '只有教师和管理员可以查找用户。',
  'Somebody already has this name. Choose another.': '此名称已被使用，请另选。',
  'is taken': '已被使用',
  '{name} is the last admin who can sign in and has to stay one. Make somebody else an admin first.':
    '{name} 是最后一位可以登录的管理员，必须保留。请先把其他人设为管理员。',
  'must be letters, digits and . _ @ - inside': '只能用字母和数字，中间可用 . _ @ -',
  'This name exists; nothing was changed.': '此用户已存在，没有修改。',
  'The line has {n} values but the first line names {n2}.': '此行有 {n} 个值，而第一行有 {n2} 个列名。',
  'The CSV {issue}.': 'CSV 文件有误：{issue}。',
  'has more than {n} lines; split it': '超过 {n} 行，请拆分',
  'cannot be read: {message}': '无法读取：{message}',
  'has the unknown column "{column}" in its first line; known are {known}':
    '第一行中有未知的列“{column}”；可用的列为 {known}',
  'has the column "{column}" twice': '列“{column}”出现了两次',
  'lacks the column "name" in its first line': '第一行缺少列“name”',
  'must be true or false': '必须为 true 或 false',

  // Groups.
  'Everybody is in this group, always. It cannot be changed.': '所有人始终都在此群组中，不能修改。',
  'Everybody is in this group. Only an admin may list all people.': '所有人都在此群组中。只有管理员可以查看所有用户。',
  'Only the teachers of the group and admins may change it.': '只有群组的教师和管理员可以修改它。',
  'There is no such group, or you are not in it.': '没有这个群组，或您不在其中。',
  'Only teachers and admins may create groups.': '只有教师和管理员可以创建群组。',
  '{name} is not a teacher. Ask an admin to change the role first.': '{name} 不是教师。请先让管理员修改其角色。',
  'needs the role teacher or admin': '需要教师或管理员角色',
  'This person is not in the group, or not any more.': '此人不在群组中，或已不在。',
  'There is a group of this name already. Choose another name.': '已有同名的群组，请换一个名称。',
  'must be lower-case letters and digits with . _ - between': '只能用小写字母和数字，中间可用 . _ -',

  // Where the servers of a group run.
  'There is no such group, or not any more.': '没有这个群组，或已不存在。',
  'The servers of this hub do not run on a cluster: there is nothing to place.':
    '本系统的服务器不在集群上运行，无需放置设置。',
  'The settings of the hub keep servers on other machines than these labels.':
    '系统配置让服务器在其他机器上运行，与这些标签不符。',
  'is {value} for all servers, by the settings of the hub': '系统配置规定所有服务器为 {value}',
  'must be a name of lower-case letters and digits with - and . between': '只能用小写字母和数字，中间可用 - 和 .',
  'must be letters and digits with . _ - between, at most 63': '只能用字母和数字，中间可用 . _ -，最多 63 个字符',
  'must be letters and digits with . _ - between, at most 63, perhaps behind a domain and a slash':
    '只能用字母和数字，中间可用 . _ -，最多 63 个字符，前面可加域名和斜杠',
  'is set by the cluster itself; only the settings of the hub can let servers there':
    '由集群自身设置；只有系统配置能让服务器在这样的机器上运行',
  'must not be empty; leave it out for any value': '不能为空；若表示任意值，请省略',
  'is for the cluster’s own programs: people’s would displace them': '仅供集群自身的程序使用，否则用户的程序会挤占它们',

  // Tokens.
  'You have no such token, or not any more.': '您没有这个令牌，或已不存在。',
  'A token cannot create tokens. Sign in with your password to create one.': '令牌不能创建令牌。请用密码登录后创建。',
  'You cannot give a token the scope "{scope}", you do not have it yourself.':
    '不能给令牌权限“{scope}”，因为您自己没有该权限。',
  '"{scope}" is more than you have': '“{scope}”超出您自己的权限',
  'You have {n} API tokens already, and no more are possible. Revoke those that you do not use.':
    '您已有 {n} 个 API 令牌，不能再创建。请吊销不再使用的令牌。',

  // Usage.
  'must not be before 1970-01-02': '不能早于 1970-01-02',
  'must not be after the last day': '不能晚于结束日期',
  'must be within {n} days of the last day': '与结束日期之间不能超过 {n} 天',
  'must be the name of a time zone, such as Asia/Shanghai': '必须是时区名称，例如 Asia/Shanghai',
  'There is nobody with this id whose usage you may see.': '没有您可以查看其用量的这个用户。',
  'There is no group with this id whose usage you may see.': '没有您可以查看其用量的这个群组。',
  'There is no server with this id whose usage you may see.': '没有您可以查看其用量的这个服务器。',
  'is not known': '不存在',
};
