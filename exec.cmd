@rem "npm start" says exec, so that no shell stands between the terminal and the exchange; cmd.exe has no such word.
@%*
