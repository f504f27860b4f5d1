/** What the drivers say: the container engine of one machine, and the cluster. */
export const zhEngine: Record<string, string> = {
  // One machine.
  'A container named {name} exists that this hub did not make. An admin has to remove it.':
    '已有名为 {name} 的容器，但不是本系统创建的。需要管理员删除它。',
  'Container {id} was not made by this hub and is left alone.': '容器 {id} 不是本系统创建的，未做处理。',
  'The container disappeared right after it was made.': '容器创建后随即消失。',
  'The container disappeared while it was being started.': '容器在启动过程中消失。',
  'The container is not there any more.': '容器已不存在。',
  'The disk of the machine is nearly full: {n} GiB free, less than 5 %. Delete files or unused images, or ask an admin to.':
    '机器的磁盘即将写满：只剩 {n} GiB，不足 5%。请删除文件或不用的镜像，或请管理员清理。',
  'The disk of the machine is nearly full: {n} MiB free, less than 5 %. Delete files or unused images, or ask an admin to.':
    '机器的磁盘即将写满：只剩 {n} MiB，不足 5%。请删除文件或不用的镜像，或请管理员清理。',
  'Its image is no longer in the container engine. Start the server again to have the image built or fetched.':
    '容器引擎中已没有它的镜像。请重新启动服务器，镜像会重新构建或获取。',
  'The disk of the machine is full. Delete files or unused images, or ask an admin to.':
    '机器的磁盘已满。请删除文件或不用的镜像，或请管理员清理。',
  'The container engine cannot attach the GPU. An admin has to install the NVIDIA container toolkit, for Podman with `nvidia-ctk cdi generate`.':
    '容器引擎无法接入 GPU。需要管理员安装 NVIDIA container toolkit；使用 Podman 时还需运行 `nvidia-ctk cdi generate`。',
  'The first program of its image cannot be run on this machine. Choose another image.':
    '镜像的主程序无法在这台机器上运行。请选择其他镜像。',
  'The container engine refuses so little memory. Ask for more.': '内存太小，容器引擎拒绝启动。请增加内存。',
  'The machine did not permit it. An admin finds the cause in the hub’s log.':
    '机器不允许此操作。管理员可在系统日志中查看原因。',
  'The container engine does not answer.': '容器引擎没有响应。',
  'The container engine took too long to answer.': '容器引擎响应超时。',
  'The GPU {id} is no longer in this machine. Start the server again.': '机器中已没有 GPU {id}。请重新启动服务器。',
  '{command} failed: {message}': '{command} 失败：{message}',
  'Podman answered {status}: {message}': 'Podman 返回 {status}：{message}',
  'Directories could not be given to the user of containers: exit code {code}.':
    '无法把目录交给容器中的用户：退出码 {code}。',
  'No port of the bridge {bridge} leads to process {pid}.': '网桥 {bridge} 上没有通往进程 {pid} 的端口。',
  'The port {port} could not be isolated.': '无法隔离端口 {port}。',
  'No bridge with the address {address} is up.': '没有地址为 {address} 的网桥。',
  'The network davit-{id} has no IPv4 gateway.': '网络 davit-{id} 没有 IPv4 网关。',
  'The network davit-{id} would let servers reach each other. An admin removes it, the hub makes it anew.':
    '网络 davit-{id} 会让服务器互相访问。请管理员删除它，系统会重新创建。',
  'The hub keeps secrets in memory only and found no tmpfs it may write to among {places}. Mount one, for example on /dev/shm.':
    '系统只在内存中保存机密，但在 {places} 中没有找到可写的 tmpfs。请挂载一个，例如在 /dev/shm。',
  'The data source {source} is not set up on this hub. An admin adds it to DAVIT_SOURCES.':
    '系统中没有数据源 {source}。请管理员把它加入 DAVIT_SOURCES。',

  // Saving a container.
  'The hub cannot read the layers of the container engine. Saving needs a hub that runs as root on the engine’s machine, and an engine that uses overlayfs (the "overlay" or "overlay2" driver). Tell an admin.':
    '系统无法读取容器引擎的层。保存要求系统在引擎所在的机器上以 root 运行，且引擎使用 overlayfs（“overlay”或“overlay2”驱动）。请告知管理员。',
  'The server was stopped or started anew before it was saved. Save it again while it runs.':
    '服务器在保存完成前停止或重新启动了。请在运行时再次保存。',
  'There is not enough room to save this server: it needs {needed} for a while, and {free} can be used. Delete files or images, or ask an admin to.':
    '空间不足，无法保存此服务器：暂时需要 {needed}，可用 {free}。请删除文件或镜像，或请管理员清理。',
  '{size} to write, {count} saved layers joined in.': '需写入 {size}，合并 {count} 个已保存的层。',
  '{size} to write.': '需写入 {size}。',
  'Giving the layer to the container engine.': '正在把层交给容器引擎。',
  'The container engine did not take the image: {message}': '容器引擎没有接收镜像：{message}',

  // A cluster.
  'Fetching the image onto the machine {node}. The first time this may take minutes.':
    '正在把镜像拉取到机器 {node}，首次可能需要几分钟。',
  'The machine {node} cannot fetch the image and tries again: {message}':
    '机器 {node} 无法拉取镜像，正在重试：{message}',
  'Its image is no longer in the registry. Start the server again to have the image built or fetched, or choose another one.':
    '镜像仓库中已没有它的镜像。请重新启动服务器，镜像会重新构建或获取；也可选择其他镜像。',
  'Waits for a free GPU ({kind}): no machine of the cluster has enough free.':
    '等待空闲 GPU（{kind}）：集群中没有空闲足够的机器，有空闲时会自动启动。',
  'Waits for free memory: no machine of the cluster has enough.':
    '等待空闲内存：集群中没有内存足够的机器，足够时会自动启动。',
  'Waits for free CPU: no machine of the cluster has enough.':
    '等待空闲 CPU：集群中没有 CPU 足够的机器，有空闲时会自动启动。',
  'Waits for disk space: no machine of the cluster has enough free for the server.':
    '等待磁盘空间：集群中没有剩余空间足够的机器。',
  'Waits for a machine with {labels}: none that is ready has that. Tell an admin if this stays.':
    '等待带有 {labels} 的机器：就绪的机器中没有。若一直如此，请告知管理员。',
  'Waits for a machine that is not reserved by a taint ({taints}). Tell an admin if this stays.':
    '等待没有被污点（{taints}）保留的机器。若一直如此，请告知管理员。',
  'Waits for a machine with {labels} that is not reserved by a taint ({taints}). Tell an admin if this stays.':
    '等待带有 {labels} 且没有被污点（{taints}）保留的机器。若一直如此，请告知管理员。',
  'Waits for a machine of the cluster that may run it: {why}': '等待集群中可以运行它的机器：{why}',
  'its files in /data are not ready, or lie where none is free.': '/data 中的文件尚未就绪，或所在位置没有空闲的机器。',
  'all machines run as many servers as they can.': '所有机器上的服务器都已达上限。',
  'none that servers are allowed on is ready. An admin finds the cause with kubectl.':
    '允许运行服务器的机器都未就绪。管理员可用 kubectl 查看原因。',
  'Waits for room on the machine of your other servers: only one machine at a time may write your files in /data. Stop another server, or wait.':
    '等待您的其他服务器所在机器上的空间：/data 中的文件同一时间只能由一台机器写入。请停止另一台服务器，或等待。',
  'Waits for its files in /data: the machine of an earlier server has not let go of them yet. It goes on by itself.':
    '等待 /data 中的文件：先前服务器所在的机器尚未释放它们，之后会自动继续。',
  'Waits for its files in /data: {message}': '等待 /data 中的文件就绪：{message}',
  'The machine could not set up the container and tries again: {message}': '机器无法建立容器，正在重试：{message}',
  'Waits: the cluster’s quota for all servers together is used up ({limited}).':
    '等待中：集群给所有服务器的配额已用完（{limited}）。',
  'Waits: the cluster’s quota for all servers together is used up (full).': '等待中：集群给所有服务器的配额已用完。',
  'The server was stopped: it had written more than the {n} MiB that it may outside of /data. Start it again; it begins afresh, /data is kept. Keep large files in ~/work.':
    '在 /data 之外写入的数据超过限额 {n} MiB，服务器已被停止。请重新启动：容器会重新创建，/data 会保留。大文件请放在 ~/work。',
  'The machine {node} of this server does not answer. Nothing was stopped; this ends by itself when it answers again.':
    '服务器所在的机器 {node} 没有响应。没有停止任何服务器，恢复后会自动继续。',
  'The machine {node} does not answer: whether the server has ended is not known.':
    '机器 {node} 没有响应，不确定服务器是否已结束。',
  'The machine {node} was taken out of the cluster. Start the server again; /data is kept.':
    '机器 {node} 已移出集群。请重新启动服务器；/data 会保留。',
  'Its machine ended the server to go on itself ({why}). Start it again; /data is kept.':
    '所在机器为维持自身运行结束了服务器（{why}）。请重新启动；/data 会保留。',
  'Its machine ended the server to go on itself (it was short of {what}). Start it again; /data is kept.':
    '所在机器缺少 {what}，为维持自身运行结束了服务器。请重新启动；/data 会保留。',
  'The server had to make room for a more important one. Start it again; /data is kept.':
    '服务器为更重要的服务器让出了资源。请重新启动；/data 会保留。',
  'Its machine did not answer for too long. Start it again; /data is kept.':
    '所在机器长时间没有响应。请重新启动；/data 会保留。',
  'Its machine is being emptied for maintenance. Start it again; /data is kept.':
    '所在机器正在维护，服务器已被移走。请重新启动；/data 会保留。',
  'Its machine was taken out of the cluster. Start it again; /data is kept.':
    '所在机器已移出集群。请重新启动；/data 会保留。',
  'Its machine was shut down or short of resources. Start it again; /data is kept.':
    '所在机器已关机或资源不足。请重新启动；/data 会保留。',
  'The cluster ended the server. Start it again; /data is kept.': '集群结束了服务器。请重新启动；/data 会保留。',
  'The first program of its image cannot be run: {message} Choose another image.':
    '镜像的主程序无法运行：{message}。请选择其他镜像。',
  'Its machine did not take the server ({why}: {message}). Start it again.':
    '所在机器没有接收服务器（{why}：{message}）。请重新启动。',
  'On a cluster the name of the data source {source} may only have a-z, 0-9 and -.':
    '在集群上，数据源 {source} 的名称只能含 a-z、0-9 和 -。',
  'The cluster does not answer.': '集群没有响应。',
  'The cluster took too long to answer.': '集群响应超时。',
  'The cluster answered: {message}': '集群返回：{message}',
  'The cluster does not accept the server as it is set up: {message}': '集群不接受这样配置的服务器：{message}',
  'The cluster did not permit it. An admin has to look at the hub’s rights: {message}':
    '集群不允许此操作，请管理员检查系统的权限：{message}',
  'The namespace for servers is not there. An admin has to create it.': '存放服务器的命名空间不存在，需要管理员创建。',
  'The GPU {id} is not in this cluster any more. Start again.': '集群中已没有 GPU {id}。请重新启动。',
  'The pod disappeared while it was being started.': 'Pod 在启动过程中消失。',
  'An earlier pod of this server has to go first.': '需等这台服务器先前的 Pod 消失。',
  'On a cluster no images can be made yet. An admin builds and pushes them with: npm run images.':
    '在集群上暂不能制作镜像。管理员可用以下命令构建并推送：npm run images。',

  // The registry.
  'The registry does not let the machine {node} fetch the image; it tries again. An admin has to check how machines sign in to the registry.':
    '镜像仓库不允许机器 {node} 拉取镜像，正在重试。请管理员检查机器登录镜像仓库的方式。',
  'Sign in with your user name and, as the password, an API token of yours. Create one on the page of your account.':
    '请用您的用户名登录，密码为您的 API 令牌。可在账户页面创建令牌。',
  'This hub signs nobody in to a registry.': '此系统不处理镜像仓库的登录。',
  'This signs in to the registry "{registry}" only.': '此处只能登录镜像仓库“{registry}”。',
  'The registry cannot be read: {message}': '无法读取镜像仓库：{message}',
  'The registry does not take the user and password that Davit was given for it.':
    '镜像仓库不接受 Davit 所用的用户名和密码。',
  "The registry's sign-in answered {status}.": '镜像仓库的登录服务返回 {status}。',
  "The registry's sign-in gave no token.": '镜像仓库的登录服务没有给出令牌。',
  'The registry does not say how to sign in: it must be Basic or Bearer.':
    '镜像仓库没有说明登录方式，应为 Basic 或 Bearer。',
  'The registry does not delete: an admin has to set REGISTRY_STORAGE_DELETE_ENABLED=true for it.':
    '镜像仓库不允许删除。请管理员为它设置 REGISTRY_STORAGE_DELETE_ENABLED=true。',
  'The registry does not let Davit in ({path}). An admin has to check how Davit signs in to it.':
    '镜像仓库拒绝 Davit 访问（{path}）。请管理员检查 Davit 登录镜像仓库的方式。',
  'The registry answered {status}.': '镜像仓库返回 {status}。',
  'The registry at {address} does not answer: {message}.': '镜像仓库 {address} 没有响应：{message}。',
  'The registry answered with more than a manifest can be.': '镜像仓库返回的内容过大，不可能是镜像清单。',
  'The registry does not tell where an upload goes on.': '镜像仓库没有说明在哪里继续上传。',
  'The registry gave another configuration than asked for.': '镜像仓库给出的配置与所请求的不同。',

  // Layers that are saved.
  'The container engine keeps directories of this server in a way that cannot be saved (overlayfs redirect_dir). An admin has to switch that off for overlayfs, and the server has to be started anew.':
    '容器引擎以无法保存的方式存放此服务器的目录（overlayfs redirect_dir）。需要管理员在 overlayfs 中关闭该选项，然后重新启动服务器。',

  // Saving on a cluster.
  'Saving is not set up on this cluster: ask an admin for the image saver (imageSaver.enabled). Keep what you need in ~/work.':
    '此集群没有启用保存功能，请联系管理员启用镜像保存程序（imageSaver.enabled）。请把需要的内容放在 ~/work。',
  'Saving is not set up on the machine {node}: ask an admin to let the image saver run there too.':
    '机器 {node} 上没有启用保存功能，请管理员让镜像保存程序也在那里运行。',
  'The image of this server is in another registry than that of saved images.':
    '此服务器的镜像与已保存的镜像不在同一个镜像仓库。',
  'A saved image cannot be called {ref}.': '保存的镜像不能命名为 {ref}。',
  'The image saver on the machine {node} was stopped in the middle of the save.':
    '机器 {node} 上的镜像保存程序在保存途中被停止。',
  'The image saver on the machine {node} does not answer at the moment.': '机器 {node} 上的镜像保存程序暂时没有响应。',
  'The image saver on the machine {node} did not do it: {message}':
    '机器 {node} 上的镜像保存程序没有完成保存：{message}',
  'The image saver on the machine {node} did not do it: It answered {status}.':
    '机器 {node} 上的镜像保存程序没有完成保存：返回 {status}。',
  'It answered {status}.': '返回 {status}。',
  'The process {pid} does not tell when it began.': '进程 {pid} 没有给出启动时间。',
  'The container is none of this server.': '该容器不属于此服务器。',
  'Servers with users of their own (DAVIT_KUBE_USER_NAMESPACES) cannot be saved: their files belong to other numbers on the node.':
    '使用独立用户命名空间的服务器（DAVIT_KUBE_USER_NAMESPACES）不能保存：其文件在节点上属于其他用户编号。',
  'The node keeps files of containers in another way than plain overlayfs, which the image saver cannot read. Tell an admin.':
    '节点没有以普通 overlayfs 方式存放容器的文件，镜像保存程序无法读取。请告知管理员。',
  'The node keeps layers of containers in {place}, which the image saver does not see. An admin has to set imageSaver.stores.':
    '节点把容器的层存放在 {place}，镜像保存程序看不到。请管理员设置 imageSaver.stores。',
  'The node keeps the layers of this server’s image in another way than the image lists them, so nothing can be saved on top of it. Tell an admin.':
    '节点上此服务器镜像的层与镜像清单所列不一致，无法在其上保存。请告知管理员。',
  'This is no request of the hub to this node.': '这不是系统发给此节点的请求。',
  'The request is good for too long.': '请求的有效期过长。',
  'The request is of another version of Davit, or faulty.': '请求来自其他版本的 Davit，或有误。',
  'The image saver was started meanwhile.': '镜像保存程序在此期间重新启动了。',
  'The request was answered before.': '此请求已处理过。',
  'The request is too large.': '请求过大。',
  'Writing the image into the registry.': '正在把镜像写入镜像仓库。',
  'Waiting for other saves on the same machine.': '等待同一台机器上的其他保存完成。',
  'The server was stopped before it was saved. Save it again while it runs.':
    '服务器在保存完成前已停止。请在运行时再次保存。',
  'The save was cancelled.': '保存已取消。',
  'The image saver of the machine was stopped in the middle of the save.': '机器上的镜像保存程序在保存途中被停止。',
  'There is not enough room to save this server: its machine needs {needed}, and {free} can be used. Delete files, or ask an admin for more room on the machine.':
    '空间不足，无法保存此服务器：所在机器需要 {needed}，可用 {free}。请删除文件，或请管理员扩大机器的空间。',
  'The image that this server was started from is not in the registry any more, so nothing can be saved on top of it.':
    '镜像仓库中已没有此服务器启动时所用的镜像，无法在其上保存。',
  'The image of this server is not there for {platform}.': '此服务器的镜像没有用于 {platform} 的版本。',
  'The image of this server has layers that may not be passed on, so it cannot be saved.':
    '此服务器的镜像含有不允许再分发的层，因此不能保存。',
  'tar ended with code {code}: {message}': 'tar 结束，退出码 {code}：{message}',
  'The machine has no "tar", with which servers are saved. An admin has to install GNU tar.':
    '机器上没有保存服务器所需的“tar”。请管理员安装 GNU tar。',
  'tar was cut off': 'tar 的输出被截断',
  'This machine cannot show the layers of a container safely. Saving needs root, Linux 5.10 or newer, and a mount command that knows nosymfollow. Tell an admin.':
    '此机器无法安全地读取容器的层。保存需要 root 权限、Linux 5.10 或更高版本，以及支持 nosymfollow 的 mount 命令。请告知管理员。',
};
