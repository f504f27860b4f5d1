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
  'On a cluster a server cannot be saved as an image yet. Keep what you need in ~/work.':
    '在集群上暂不能把服务器保存为镜像。请把需要的内容放在 ~/work。',
  'On a cluster no images can be made yet. An admin builds and pushes them with: npm run images.':
    '在集群上暂不能制作镜像。管理员可用以下命令构建并推送：npm run images。',
};
