/** What the hub says about servers: why they wait, how they ended, who may do what. */
export const zhServers: Record<string, string> = {
  // Editors and amounts, as they get into the sentences below.
  JupyterLab: 'JupyterLab',
  'VS Code': 'VS Code',
  'the desktop': '桌面',
  'the server': '服务器',
  '{n} MiB': '{n} MiB',
  '{n} GiB': '{n} GiB',
  '{n}st': '{n}',
  '{n}nd': '{n}',
  '{n}rd': '{n}',
  '{n}th': '{n}',
  'A GPU': '1 块 GPU',
  '{n} GPUs': '{n} 块 GPU',
  'a moment': '片刻',
  '1 second': '1 秒',
  '{n} seconds': '{n} 秒',

  // On the way to running.
  'Preparing the image {image}': '正在准备镜像 {image}',
  'Building the image {image}: step {step} of {steps}': '正在构建镜像 {image}：第 {step} 步，共 {steps} 步',
  'Creating the container': '正在创建容器',
  'Creating the container again. The engine failed before: {message}': '正在重新创建容器。容器引擎此前失败：{message}',
  'Starting {editor}': '正在启动 {editor}',
  'Waits: {why}': '等待中：{why}',
  'Waits for a free GPU: {used} of {total} in use; next in the queue':
    '等待空闲 GPU：已用 {used} / {total}，排在第 1 位，有空闲时会自动启动',
  'Waits for a free GPU: {used} of {total} in use; {position} in the queue':
    '等待空闲 GPU：已用 {used} / {total}，排在第 {position} 位，有空闲时会自动启动',
  'Waits for free memory: {used} of {total} in use; next in the queue':
    '等待空闲内存：已用 {used} / {total}，排在第 1 位，足够时会自动启动',
  'Waits for free memory: {used} of {total} in use; {position} in the queue':
    '等待空闲内存：已用 {used} / {total}，排在第 {position} 位，足够时会自动启动',
  'Waits for free CPU: {used} of {total} in use; next in the queue':
    '等待空闲 CPU：已用 {used} / {total}，排在第 1 位，有空闲时会自动启动',
  'Waits for free CPU: {used} of {total} in use; {position} in the queue':
    '等待空闲 CPU：已用 {used} / {total}，排在第 {position} 位，有空闲时会自动启动',
  'Waits for a machine with the label {labels}: the cluster has none. Tell an admin; when your group’s placement was changed, start the server again.':
    '等待带有标签 {labels} 的机器：集群中没有。请告知管理员；群组的放置设置更改后，请重新启动服务器。',
  'Waits for a machine with all the labels {labels}: the cluster has none. Tell an admin; when your group’s placement was changed, start the server again.':
    '等待同时带有标签 {labels} 的机器：集群中没有。请告知管理员；群组的放置设置更改后，请重新启动服务器。',
  'Waits: all machines where it may run are reserved by a taint ({taints}) that your groups do not tolerate. Tell an admin; when your group’s placement was changed, start the server again.':
    '等待中：可以运行它的机器都被污点（{taints}）保留，而您所在的群组没有容忍它。请告知管理员；群组的放置设置更改后，请重新启动服务器。',
  'Waiting until a newer container of this server is gone': '等待此服务器较新的容器消失',
  'Waits: only {free} of {total} of the disk are free. An admin has to free some space.':
    '等待中：磁盘只剩 {free} / {total}，需要管理员清理。',

  // Running, or not known.
  'The container engine does not answer. Nothing was stopped; this ends by itself when it answers again.':
    '容器引擎没有响应。没有停止任何服务器，恢复后会自动继续。',
  'The server does not answer. It may be busy; it was not stopped. If this stays, look at its logs or reset it.':
    '服务器没有响应，可能正忙；它没有被停止。若一直如此，请查看日志或重置。',
  'A program, such as a notebook’s kernel, was stopped because the {memory} of this server were used up. Save your work; then use less at once, or a server with more memory.':
    '服务器的 {memory} 内存已用尽，有一个程序（例如笔记本的内核）被终止。请先保存工作；然后减少同时占用的内存，或改用内存更大的服务器。',
  '{count} programs, such as notebooks’ kernels, were stopped because the {memory} of this server were used up. Save your work; then use less at once, or a server with more memory.':
    '服务器的 {memory} 内存已用尽，有 {count} 个程序（例如笔记本的内核）被终止。请先保存工作；然后减少同时占用的内存，或改用内存更大的服务器。',
  'This server has written {percent} % of the {limit} that it may outside of /data, and is stopped above that. Move large files to ~/work, or delete some.':
    '在 /data 之外写入的数据已达限额 {limit} 的 {percent}%，超过后服务器会被停止。请把大文件移到 ~/work，或删除一些文件。',

  // Ended.
  '{message} Start the server again to try once more.': '{message}可重新启动服务器以再试一次。',
  'The container engine could not start the server: {message}': '容器引擎无法启动服务器：{message}',
  'The container is gone: somebody or something removed it. Start the server again; /data is kept.':
    '容器已不存在：被某人或某个程序删除。请重新启动；/data 会保留。',
  'After {minutes} minutes {editor} still did not answer. Look at the logs, or start it again with more CPU or memory.':
    '{minutes} 分钟后{editor}仍未就绪。请查看日志，或用更多 CPU 或内存重新启动。',
  '{editor} ended {restarts} times. Look at the logs.': '{editor} 已退出 {restarts} 次，请查看日志。',
  '{editor} ended {restarts} times: {said}. Look at the logs.': '{editor} 已退出 {restarts} 次：{said}。请查看日志。',
  'The server ran out of memory (limit {memory}). Start it with more memory, or let it use less at once.':
    '内存用尽（上限 {memory}）。请用更大的内存启动，或减少同时占用的内存。',
  'The server was stopped: it had written more than the {limit} that it may outside of /data. Start it again; it begins afresh, /data is kept. Keep large files in ~/work.':
    '在 /data 之外写入的数据超过限额 {limit}，服务器已被停止。请重新启动：容器会重新创建，/data 会保留。大文件请放在 ~/work。',
  'The server ended by itself. Start it again; /data is kept.': '服务器自行结束。请重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: its first process was told to end, or the machine was restarted). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：主进程被要求结束，或机器已重启）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: the container engine failed). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：容器引擎出错）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: its first program could not be run). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：主程序无法运行）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: its first program was not found in the image). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：镜像中找不到主程序）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: its first process aborted). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：主进程中止）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: it was killed). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：被强行终止）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: its first process crashed). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：主进程崩溃）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: it was told to end). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：被要求结束）。请查看日志，然后重新启动；/data 会保留。',
  'The server ended by itself (exit code {code}: signal {signal}). Look at the logs, then start it again; /data is kept.':
    '服务器自行结束（退出码 {code}：信号 {signal}）。请查看日志，然后重新启动；/data 会保留。',
  'Released after 5 minutes without you. /data is kept.': '离开 5 分钟后已自动释放；/data 会保留。',
  'Released after {count} days without you. /data is kept.': '离开 {count} 天后已自动释放；/data 会保留。',
  'Released after {count} h without you. /data is kept.': '离开 {count} 小时后已自动释放；/data 会保留。',

  // What the agent says of an editor.
  '{editor} is starting.': '{editor} 正在启动。',
  '{reason} It is started again in {span}.': '{reason}将在{span}后重新启动。',
  'It was stopped.': '它已停止。',
  'It ended with status {n}.': '它以状态 {n} 结束。',
  'It was ended by {signal}.': '它被 {signal} 结束。',
  'It could not be started: {message}.': '无法启动：{message}。',
  'The container is being prepared.': '正在准备容器。',
  'The program "{program}" is not in this image.': '镜像中没有程序“{program}”。',
  'The program "{program}" could not be started: {message}.': '无法启动程序“{program}”：{message}。',

  // Why it is kept.
  'It runs until somebody releases it.': '它会一直运行，直到有人释放它。',
  'Somebody is working in it.': '有人正在使用。',
  'A page of it is open.': '有页面打开着。',
  'A notebook is running a cell.': '笔记本正在运行单元格。',
  'A program writes to a terminal.': '有程序在向终端输出。',
  'Programs are computing.': '程序正在计算。',
  'A GPU is computing.': 'GPU 正在计算。',
  'Somebody asked to keep it for some hours.': '有人要求保留几个小时。',
  'It is not known whether it is in use, so it is kept.': '不确定是否在使用，因此保留。',
  'Nobody is there and nothing is running.': '无人使用，也没有程序在运行。',
  'An image is being saved from it.': '正在把它保存为镜像。',

  // Requests about servers.
  'Your role may not choose the release policy "{policy}". Choose another.':
    '您的角色不能选择释放策略“{policy}”，请另选。',
  'This server does not run, so there is nothing to keep. Start it first.': '服务器没有运行，无需保留。请先启动它。',
  'This server does not run, so it holds nothing that could be freed.': '服务器没有运行，没有占用可释放的资源。',
  'Only its owner or an admin may delete this server. You may stop it.':
    '只有所有者或管理员可以删除此服务器。您可以停止它。',
  'Only its owner or an admin may read the logs of this server.': '只有所有者或管理员可以查看此服务器的日志。',
  'Only its owner may start, reset or open this server.': '只有所有者可以启动、重置或打开此服务器。',
  'Only its owner may save this server as an image.': '只有所有者可以把此服务器保存为镜像。',
  'Only its owner or an admin may decide when this server is released. You may release it now.':
    '只有所有者或管理员可以决定此服务器何时释放。您可以立即释放它。',
  'There is no server with this id. It may have been deleted; look at your list of servers.':
    '没有这个服务器，可能已被删除。请查看您的服务器列表。',
  'Only a running server can be saved. Start it, and what you want to keep in it.':
    '只能保存运行中的服务器。请先启动它，并备好要保存的内容。',
  'No machine is large enough for this server. {why} Choose a smaller size.':
    '没有机器能容纳这个服务器。{why}请选择更小的规格。',
  '{asked} CPU were asked for, the largest machine has {n}.': '需要 {asked} 核 CPU，最大的机器有 {n} 核。',
  '{asked} of memory were asked for, the largest machine has {there} for servers.':
    '需要 {asked} 内存，最大的机器可供服务器使用的有 {there}。',
  'A GPU was asked for, no machine has one.': '需要 GPU，但没有机器配备 GPU。',
  '{asked} were asked for, the largest machine has {n}.': '需要 {asked}，最大的机器有 {n} 块。',
  'This account may not start servers: it is not active. Ask an admin.': '此账户已停用，不能启动服务器。请联系管理员。',
  'There is no such image, or it is not shared with you. Choose one of the list.':
    '没有这个镜像，或没有共享给您。请从列表中选择。',
  'is not an image that you may use': '不是您可以使用的镜像',
  'Servers of the image {image} need a GPU. This one has none: create another server; your files in /data are kept.':
    '镜像 {image} 的服务器需要 GPU，而这个服务器没有。请另建一个服务器；/data 中的文件会保留。',
  'Servers of the image {image} need a GPU. Choose a size that has one.':
    '镜像 {image} 的服务器需要 GPU，请选择带 GPU 的规格。',
  'must be at least 1 for this image': '对此镜像至少为 1',
  'The image of this server is no longer available. Create a server from another image; your files in /data are kept.':
    '此服务器的镜像已不可用。请用其他镜像创建服务器；/data 中的文件会保留。',
  'A server cannot create servers. Use the hub’s pages.': '服务器不能创建服务器。请在系统页面上操作。',
  'There is no preset "{preset}". Choose one of {known}.': '没有规格“{preset}”，请从 {known} 中选择。',
  'must be one of {known}': '必须是以下之一：{known}',
  'You have a server named "{name}" already. Choose another name.': '您已有名为“{name}”的服务器，请换一个名称。',
  'is taken by another of your servers': '已被您的另一个服务器使用',
  'This server is being deleted. Create a new one; your files in /data are kept.':
    '此服务器正在删除。请新建一个；/data 中的文件会保留。',

  // Quota.
  'Your quota allows no servers. Ask an admin for more.': '您的配额不允许创建服务器。如有需要，请联系管理员。',
  '{used} of {limit} servers of your quota are used up. Delete one, or ask an admin for more.':
    '您的配额允许 {limit} 个服务器，已用 {used} 个。请删除一个，或请管理员增加配额。',
  '{asked} GPUs were asked for, your quota is {limit}. Choose a smaller size, or ask an admin for more.':
    '需要 {asked} 块 GPU，您的配额为 {limit} 块。请选择更小的规格，或请管理员增加配额。',
  '{asked} CPU were asked for, your quota is {limit}. Choose a smaller size, or ask an admin for more.':
    '需要 {asked} 核 CPU，您的配额为 {limit} 核。请选择更小的规格，或请管理员增加配额。',
  '{asked} memory were asked for, your quota is {limit}. Choose a smaller size, or ask an admin for more.':
    '需要 {asked} 内存，您的配额为 {limit}。请选择更小的规格，或请管理员增加配额。',
  '{used} of {limit} GPUs of your quota are in use and {asked} were asked for. Stop a server, choose a smaller size, or ask an admin for more.':
    '您的 GPU 配额为 {limit} 块，已用 {used} 块，还需要 {asked} 块。请停止一个服务器、选择更小的规格，或请管理员增加配额。',
  '{used} of {limit} CPU of your quota are in use and {asked} were asked for. Stop a server, choose a smaller size, or ask an admin for more.':
    '您的 CPU 配额为 {limit} 核，已用 {used} 核，还需要 {asked} 核。请停止一个服务器、选择更小的规格，或请管理员增加配额。',
  '{used} of {limit} memory of your quota are in use and {asked} were asked for. Stop a server, choose a smaller size, or ask an admin for more.':
    '您的内存配额为 {limit}，已用 {used}，还需要 {asked}。请停止一个服务器、选择更小的规格，或请管理员增加配额。',

  // Opening.
  'The path to open must begin with one slash and hold no spaces.': '要打开的路径必须以一个斜杠开头，且不含空格。',
  'must be a path on the server': '必须是服务器上的路径',
  'Give an editor or a port, not both.': '请指定编辑器或端口，不能同时指定。',
  'cannot be given together with editor': '不能与 editor 同时指定',
  'The image of this server has no {editor}; it has none.': '此服务器的镜像没有 {editor}，也没有其他编辑器。',
  'The image of this server has no {editor}; it has {editors}.': '此服务器的镜像没有 {editor}，它有 {editors}。',
  'must be one of: none': '没有可选的值',
  'must be one of: {known}': '必须是以下之一：{known}',
  'This server is stopped. Start it first.': '此服务器已停止，请先启动它。',
  'This server waits to be started.': '此服务器正在排队等待启动。',
  'This server waits to be started. {reason}': '此服务器正在排队等待启动。{reason}',
  'This server is starting. Open it when it runs.': '此服务器正在启动，请在运行后打开。',
  'This server is starting. {reason} Open it when it runs.': '此服务器正在启动。{reason}请在运行后打开。',
  'This server is being stopped.': '此服务器正在停止。',
  'This server has failed.': '此服务器出错。',
  'This server has failed. {reason}': '此服务器出错。{reason}',
  'This server cannot be reached right now.': '暂时无法连接此服务器。',
  'This server cannot be reached right now. {reason}': '暂时无法连接此服务器。{reason}',
  'This server is being deleted.': '此服务器正在删除。',
  'This server is not running, it is {phase}.': '此服务器没有运行，状态为 {phase}。',
  'The image of this server has no editor. Name the port of an app that listens inside.':
    '此服务器的镜像没有编辑器。请指定内部应用监听的端口。',
};
