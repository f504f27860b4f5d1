# Debian's /etc/profile replaces PATH, so a login shell would lose the Python environment.
case ":$PATH:" in
  *:/opt/venv/bin:*) ;;
  *) PATH=/opt/venv/bin:$PATH ;;
esac
