/** What the hub says about images: jobs and their logs, the library, builds. */
export const zhImages: Record<string, string> = {
  // The library.
  'There is no image with this id. List the images to see which there are.': '没有这个镜像。请查看镜像列表。',
  'There is no image {image}.': '没有镜像 {image}。',
  'This image comes with Davit and cannot be changed or deleted.': '这个镜像是 Davit 自带的，不能修改或删除。',
  'Only the owner of this image or an admin may do this.': '只有镜像的所有者或管理员可以这样做。',
  'One server uses the image {image}:{version}. Delete it first; files in /data are kept.':
    '有 1 个服务器正在使用镜像 {image}:{version}。请先删除该服务器；/data 中的文件会保留。',
  '{count} servers use the image {image}:{version}. Delete them first; files in /data are kept.':
    '有 {count} 个服务器正在使用镜像 {image}:{version}。请先删除这些服务器；/data 中的文件会保留。',
  'The image {image} carries no editor.': '镜像 {image} 没有编辑器。',
  'The image {image} carries only {editors}.': '镜像 {image} 只有 {editors}。',
  'must be editors of the image, which carries no editor': '必须是镜像中的编辑器，而它没有编辑器',
  'must be editors of the image, which carries only {editors}': '必须是镜像中的编辑器，它只有 {editors}',
  'is not the name of a person': '不是用户名',
  'is not the name of a group that you are in': '不是您所在群组的名称',
  'Not known: {names}. Check the spelling; a group must be one of yours.':
    '找不到：{names}。请检查拼写；群组必须是您所在的群组。',
  'This image no longer exists. Create a server from another one.': '这个镜像已不存在。请用其他镜像创建服务器。',
  'The image {image}:{version} is no longer in the container engine and cannot be made again. Create a server from another image; your files in /data are kept.':
    '容器引擎中已没有镜像 {image}:{version}，也无法重新制作。请用其他镜像创建服务器；/data 中的文件会保留。',
  'The image {image} could not be built: {message}': '镜像 {image} 无法构建：{message}',

  // Jobs.
  'There is no image job with this id. List yours to see which there are.': '没有这个镜像任务。请查看您的任务列表。',
  'The name is too long: name and version may have {n} characters together. Shorten one of them.':
    '名称过长：名称和版本合计最多 {n} 个字符。请缩短其中之一。',
  'name and version may have {n} characters together': '名称和版本合计最多 {n} 个字符',
  'Your image {image}:{version} {how}. A version never changes: choose another one.':
    '您的镜像 {image}:{version} {how}。版本不会再变，请换一个版本。',
  'You have {n} images in the making already. Wait until one is done, or cancel one.':
    '您已有 {n} 个镜像正在制作。请等其中一个完成，或取消一个。',
  'is being made already': '已在制作中',
  'exists already': '已存在',
  'It was begun several times and did not come to an end.': '已尝试多次，都没有完成。',
  'The job was cancelled.': '任务已取消。',
  'The server is gone.': '服务器已不存在。',
  'Given up.': '已放弃。',
  'Beginning again.': '重新开始。',
  'It did not work: {message} It will be tried again.': '没有成功：{message}将会重试。',
  'The image {image}:{version} is there.': '镜像 {image}:{version} 已就绪。',
  'Cancelled. Nothing was kept.': '已取消，没有保留任何内容。',
  'Saving the server {server} as {image}:{version}.': '正在把服务器 {server} 保存为 {image}:{version}。',
  'The archive of {image}:{version} is here: {n} bytes.': '已收到 {image}:{version} 的归档：{n} 字节。',
  'The engine takes the image in.': '容器引擎正在接收镜像。',

  // Uploads.
  'The editors of the image are not valid: they must be some of {known}, parted by commas.':
    '镜像的编辑器无效：必须是 {known} 中的若干个，用逗号分隔。',
  'must be some of {known}, parted by commas': '必须是 {known} 中的若干个，用逗号分隔',
  'The upload broke off. Send it again.': '上传中断，请重新上传。',
  'is not complete': '不完整',
  'There is not enough room on the disk for this image. Delete images or files that are not needed, and upload it again.':
    '磁盘空间不足，放不下这个镜像。请删除不需要的镜像或文件，然后重新上传。',
  'The image is larger than {n} MiB, which is the most that may be uploaded (DAVIT_UPLOAD_LIMIT_MB).':
    '镜像超过 {n} MiB，这是上传的上限（DAVIT_UPLOAD_LIMIT_MB）。',
  'The upload is empty. Send the archive as the body of the request.': '上传内容为空。请把归档作为请求正文发送。',
  'is empty': '为空',
  'The archive is damaged: it could not be decompressed.': '归档已损坏，无法解压。',
  'is damaged': '已损坏',
  '{what}. Make one with "docker save IMAGE" or "podman save IMAGE" and upload that.':
    '{what}。请用“docker save 镜像”或“podman save 镜像”生成归档再上传。',
  'The upload is no tar archive': '上传的不是 tar 归档',
  'The archive is a tar, but holds no image': '归档是 tar，但其中没有镜像',
  'The archive is damaged: its list of images cannot be read': '归档已损坏，无法读取其中的镜像列表',
  'The archive holds {n} images. Save the one that you want into its own archive.':
    '归档中有 {n} 个镜像。请把需要的那一个单独保存为归档。',
  'The image is made for {platform}, and this machine is linux/{arch}. Save or build it for linux/{arch}.':
    '镜像用于 {platform}，而这台机器是 linux/{arch}。请为 linux/{arch} 保存或构建镜像。',
  'The image cannot be used as asked: {refusal}. Name only editors that the image has, or install the program in it.':
    '镜像不能按要求使用：{refusal}。请只填镜像中有的编辑器，或在镜像中安装该程序。',
  'The image cannot run Davit’s agent. That needs the GNU C library 2.28 or newer and libstdc++, as Debian 12, Ubuntu 22.04 and Fedora have them; Alpine has another C library.':
    '镜像无法运行 Davit 的代理程序。它需要 GNU C 库 2.28 或更新版本和 libstdc++，例如 Debian 12、Ubuntu 22.04 和 Fedora；Alpine 使用的是另一种 C 库。',
  'Davit’s agent could not be added to the image. {said}': '无法把 Davit 的代理程序加入镜像。{said}',
  'The container engine did not take the archive in as an image. {said}': '容器引擎没有把归档接收为镜像。{said}',
  'It said: {said}': '输出：{said}',
  'It said: {said}.': '输出：{said}。',

  'The archive is not on this machine any more. Upload it again.': '归档已不在这台机器上，请重新上传。',

  // Builds.
  'There is no such image to build on. Choose one of the list.': '没有这个基础镜像。请从列表中选择。',
  'The Dockerfile must have the line FROM ${BASE}, which means the image that is chosen.':
    'Dockerfile 中必须有一行 FROM ${BASE}，它代表所选的镜像。',
  'must have the line FROM ${BASE}, which means the image that is chosen': '必须有一行 FROM ${BASE}，它代表所选的镜像',
  'starting the build': '正在开始构建',
  'preparing the build': '正在准备构建',
  'preparing the build of the image {image} below it': '正在准备构建它的基础镜像 {image}',
  'building step {step} of {steps}': '正在构建：第 {step} 步，共 {steps} 步',
  'building step {step} of {steps} of the image {image} below it':
    '正在构建它的基础镜像 {image}：第 {step} 步，共 {steps} 步',
  'The build failed {where}. {said} The log tells more; the next build goes on after the last step that worked.':
    '构建{where}失败。{said}日志中有更多内容；下次构建会从最后成功的一步继续。',
  'at step {step} of {steps}': '在第 {step} 步（共 {steps} 步）',
  'before its first step': '在第一步之前',
  'The build of {image} ended, but the image is not there.': '{image} 的构建已结束，但没有得到镜像。',
  '{what} (exit code {code}). {advice}\nThe log ends with:\n{log}':
    '{what}（退出码 {code}）。{advice}\n日志的末尾：\n{log}',
  '{what} (exit code {code}). Start again to try once more; `npm run images` shows the whole log of a build.\nThe log ends with:\n{log}':
    '{what}（退出码 {code}）。请重新启动以再试一次；`npm run images` 会显示构建的完整日志。\n日志的末尾：\n{log}',
  'The build of {image} failed at step {step} of {steps}': '{image} 的构建在第 {step} 步（共 {steps} 步）失败',
  'The build of {image} failed before its first step': '{image} 的构建在第一步之前失败',
  '{image} could not be asked for the image {ref}': '无法向 {image} 查询镜像 {ref}',
  '{engine} {command} {image} failed': '{engine} {command} {image} 失败',
  'The disk is full: free some space, for example by deleting images that are not used, and start again.':
    '磁盘已满：请腾出一些空间，例如删除不用的镜像，然后重新启动。',
  "Docker's build component is missing: install docker-buildx (or docker-buildx-plugin) and start again.":
    '缺少 Docker 的构建组件：请安装 docker-buildx（或 docker-buildx-plugin），然后重新启动。',
  'A certificate was refused: add the certificate authority of your network to the trusted ones of this machine (update-ca-certificates), or set SSL_CERT_FILE, and start again.':
    '证书被拒绝：请把所在网络的证书颁发机构加入这台机器的信任列表（update-ca-certificates），或设置 SSL_CERT_FILE，然后重新启动。',
  'A package mirror could not be reached: check the network, and the mirror and proxy settings of apt, pip and npm on this machine, which builds use too; then start again.':
    '无法连接软件源：请检查网络，以及这台机器上 apt、pip 和 npm 的软件源和代理设置（构建也使用它们），然后重新启动。',
  'The machine ran out of memory: stop what needs much and start again.':
    '机器内存不足：请停止占用内存多的程序，然后重新启动。',
  'The Debian image that all images start from could not be made': '无法制作所有镜像所基于的 Debian 镜像',
  'The Debian image that all images start from is missing: no registry gave debian:{release}-slim, and mmdebstrap is not installed to make it here. Install it (on Debian and Ubuntu: apt-get install mmdebstrap debian-archive-keyring) or import an image as {image}, then start again.':
    '缺少所有镜像所基于的 Debian 镜像：没有镜像仓库提供 debian:{release}-slim，本机也没有安装用于制作它的 mmdebstrap。请安装（在 Debian 和 Ubuntu 上：apt-get install mmdebstrap debian-archive-keyring），或把一个镜像导入为 {image}，然后重新启动。',
  "No registry gave debian:{release}-slim; making it from Debian's packages.":
    '没有镜像仓库提供 debian:{release}-slim；正在用 Debian 的软件包制作。',
  'The image {image} of this version is not in the registry. An admin puts it there with: npm run images -- --push <registry>.':
    '镜像仓库中没有此版本的镜像 {image}。管理员可用以下命令推送：npm run images -- --push <registry>。',
};
